/* SPDX-License-Identifier: MIT */
/* See ways.h. */
#include "ways.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../net_assert.h"

#define TEXT_LEN 120

const struct way_server way_files = {.name = u"\\\\files", .address = "127.0.0.2", .user = "admin"};
const struct way_server way_dc = {.name = u"\\\\dc1.world.test",
                                  .address = "127.0.0.5",
                                  .user = "Administrator",
                                  .domain = "WORLD",
                                  .dc = true};

struct named {
    unsigned value;
    const char *name;
};

#define HMAC NETMGMT_SIGNING_HMAC_SHA256
#define CMAC NETMGMT_SIGNING_AES_CMAC
#define GMAC NETMGMT_SIGNING_AES_GMAC

/* What each dialect has, besides going without encryption. */
static const struct dialect {
    unsigned value;
    const char *name;
    unsigned signings, ciphers;
} dialects[] = {
    {NETMGMT_SMB_2_0_2, "2.0.2", HMAC, 0},
    {NETMGMT_SMB_2_1, "2.1", HMAC, 0},
    {NETMGMT_SMB_3_0, "3.0", CMAC, NETMGMT_CIPHER_AES128_CCM},
    {NETMGMT_SMB_3_0_2, "3.0.2", CMAC, NETMGMT_CIPHER_AES128_CCM},
    {NETMGMT_SMB_3_1_1, "3.1.1", HMAC | CMAC | GMAC,
     NETMGMT_CIPHER_AES128_CCM | NETMGMT_CIPHER_AES128_GCM | NETMGMT_CIPHER_AES256_CCM |
         NETMGMT_CIPHER_AES256_GCM},
};
static const struct named signings[] = {{HMAC, "HMAC-SHA256"}, {CMAC, "AES-CMAC"}, {GMAC, "AES-GMAC"}};
static const struct named ciphers[] = {{0, NULL},
                                       {NETMGMT_CIPHER_AES128_CCM, "AES-128-CCM"},
                                       {NETMGMT_CIPHER_AES128_GCM, "AES-128-GCM"},
                                       {NETMGMT_CIPHER_AES256_CCM, "AES-256-CCM"},
                                       {NETMGMT_CIPHER_AES256_GCM, "AES-256-GCM"}};

static const char *name_of(const struct named *all, size_t count, unsigned value)
{
    for (size_t i = 0; i < count; i++)
        if (all[i].value == value)
            return all[i].name;
    return NULL;
}

static const char *dialect_name(unsigned value)
{
    for (size_t i = 0; i < COUNT(dialects); i++)
        if (dialects[i].value == value)
            return dialects[i].name;
    return NULL;
}

/* As ping says it. */
static void agreed_text(const struct way *way, char text[TEXT_LEN])
{
    const char *cipher = name_of(ciphers, COUNT(ciphers), way->cipher);

    if (way->transport == NETMGMT_TRANSPORT_TCP)
        snprintf(text, TEXT_LEN, "%s",
                 way->protection == NETMGMT_PROTECTION_INTEGRITY ? "signed" : "encrypted");
    else
        snprintf(text, TEXT_LEN, "SMB %s, signed with %s, %s%s", dialect_name(way->dialect),
                 name_of(signings, COUNT(signings), way->signing), cipher ? "encrypted with " : "",
                 cipher ? cipher : "not encrypted");
}

void way_take(const struct way_server *server, const struct way *way)
{
    static const int kerberos[WAY_LOGONS] = {[WAY_NTLM] = NETMGMT_KERBEROS_OFF,
                                             [WAY_SPNEGO] = NETMGMT_KERBEROS_DESIRED,
                                             [WAY_TICKET] = NETMGMT_KERBEROS_REQUIRED,
                                             [WAY_PASSWORD] = NETMGMT_KERBEROS_REQUIRED};
    static const struct way plain = {.logon = WAY_SPNEGO};
    struct netmgmt_server_options options = {.size = sizeof(options)};
    struct netmgmt_credentials c = {.size = sizeof(c)};

    way = way ? way : &plain;
    options.transport = way->transport;
    options.protection = way->protection;
    options.smb_min = options.smb_max = way->dialect;
    options.signing = way->signing;
    options.ciphers = way->cipher; /* and so it is required */
    if (way->dialect && !way->cipher)
        options.encryption = NETMGMT_ENCRYPTION_OFF;
    c.kerberos = kerberos[way->logon];
    if (way->logon != WAY_TICKET) {
        c.user = server->user;
        c.domain = server->domain;
        c.password = getenv("SAMBA_PASSWORD");
    }
    assert_int_equal(netmgmt_set_server_options(server->name, &options), NERR_Success);
    assert_int_equal(netmgmt_set_credentials(server->name, &c), NERR_Success);
}

/* What ping said of the steps that tell. */
struct said {
    char agreed[TEXT_LEN], logon[TEXT_LEN];
};

static void listen(void *data, const struct netmgmt_ping_step *step)
{
    struct said *said = data;

    if (strcmp(step->name, "negotiate") == 0)
        snprintf(said->agreed, TEXT_LEN, "%s", step->detail);
    if (strcmp(step->name, "log on") == 0 || (strcmp(step->name, "bind") == 0 && !*said->logon))
        snprintf(said->logon, TEXT_LEN, "%s", step->detail);
}

static void check_agreed(const struct way_server *server, const struct way *way, const char *expected)
{
    const char *mechanism = way->logon == WAY_NTLM || !server->dc ? "NTLM" : "Kerberos";
    struct said said = {"", ""};
    NET_API_STATUS status = netmgmt_ping(server->name, listen, &said);

    if (status)
        fail_msg("%u %s; %s; %s", status, netmgmt_strerror(status), said.agreed, said.logon);
    if (way->transport == NETMGMT_TRANSPORT_TCP) {
        assert_string_equal(said.agreed, ""); /* no SMB in it */
        assert_non_null(strstr(said.logon, expected));
    } else {
        assert_string_equal(said.agreed, expected);
    }
    if (strncmp(said.logon, mechanism, strlen(mechanism)) != 0)
        fail_msg("not %s but: %s", mechanism, said.logon);
}

static void run_one(const struct way_server *server, const struct way *way, void (*check)(void))
{
    static const char *const logons[WAY_LOGONS] = {"NTLM", "SPNEGO", "ticket", "password for Kerberos"};
    char agreed[TEXT_LEN];

    agreed_text(way, agreed);
    print_message("  %s: %s\n", logons[way->logon], agreed); /* the last of these is where it failed */
    way_take(server, way);
    check_agreed(server, way, agreed);
    check();
}

static void run_pipes(const struct way_server *server, enum way_logon logon, void (*check)(void))
{
    for (size_t d = 0; d < COUNT(dialects); d++)
        for (size_t s = 0; s < COUNT(signings); s++)
            for (size_t c = 0; c < COUNT(ciphers); c++) {
                const struct way way = {.transport = NETMGMT_TRANSPORT_PIPE,
                                        .dialect = dialects[d].value,
                                        .signing = signings[s].value,
                                        .cipher = ciphers[c].value,
                                        .logon = logon};

                if ((way.signing & ~dialects[d].signings) || (way.cipher & ~dialects[d].ciphers))
                    continue;
                run_one(server, &way, check);
            }
}

static void run_tcp(const struct way_server *server, enum way_logon logon, void (*check)(void))
{
    static const int protections[] = {NETMGMT_PROTECTION_INTEGRITY, NETMGMT_PROTECTION_PRIVACY};

    for (size_t p = 0; p < COUNT(protections); p++)
        run_one(
            server,
            &(struct way){.transport = NETMGMT_TRANSPORT_TCP, .protection = protections[p], .logon = logon},
            check);
}

void ways_run(const struct way_server *server, int transport, void (*check)(void))
{
    for (enum way_logon logon = 0; logon < WAY_LOGONS; logon++) {
        if (!server->dc && logon >= WAY_TICKET)
            break;
        if (server->dc && transport != NETMGMT_TRANSPORT_PIPE)
            run_tcp(server, logon, check);
        if (transport != NETMGMT_TRANSPORT_TCP)
            run_pipes(server, logon, check);
    }
}
