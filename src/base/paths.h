/* SPDX-License-Identifier: MIT */
/*
 * Default places, in one header so that the library, the daemon and the tool agree.
 */
#ifndef BASE_PATHS_H
#define BASE_PATHS_H

#define PATHS_SOCKET "/run/netmgmt/netmgmtd.sock"     /* where netmgmtd listens */
#define PATHS_DATABASE "/var/lib/netmgmt/accounts.db" /* the system's accounts: root and netmgmtd */
#define PATHS_USER_DATABASE "netmgmt/accounts.db"     /* others: below $XDG_STATE_HOME, else ~/.local/state */

#endif
