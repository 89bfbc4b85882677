/* SPDX-License-Identifier: MIT */
/*
 * `netmgmt buffers`: the debug modes of API buffers, explained where one looks for them.
 */
#include "cli.h"

int buffers_explain(struct job *job, int argc, char **argv)
{
    (void)job;
    (void)argc;
    (void)argv;
    puts("A buffer that a Net function returns is one block, released by one NetApiBufferFree.\n"
         "The library finds mistakes with it in any program, without a rebuild:\n"
         "\n"
         "  NETMGMT_BUFFERS=leaks PROGRAM   at exit: every buffer that was not freed, its length, the\n"
         "                                  function that returned it and who called that\n"
         "  NETMGMT_BUFFERS=guard PROGRAM   each buffer ends at an inaccessible page and becomes\n"
         "                                  inaccessible when it is freed: reading behind its end or after\n"
         "                                  the free stops the program at that very place\n"
         "\n"
         "A test can assert that nothing is left: netmgmt_buffers_live() in <netmgmt.h>.");
    return EXIT_OK;
}
