/* SPDX-License-Identifier: MIT */
/* Which SIDs a PAC gives; that one which is not legal gives none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "ndr/ndr.h"
#include "pac.h"
#include "server/pac_sids.h"

static const uint8_t headers[16] = {1, 0x10, 8, 0, 0xCC, 0xCC, 0xCC, 0xCC};

static RPC_SID *sid(unsigned count, const uint32_t *sub)
{
    RPC_SID *s = test_malloc(sizeof(*s) + count * sizeof(uint32_t));

    *s = (RPC_SID){.Revision = 1, .SubAuthorityCount = (uint8_t)count};
    s->IdentifierAuthority.Value[5] = 5;
    memcpy(s->SubAuthority, sub, count * sizeof(uint32_t));
    return s;
}

struct sample {
    RPC_SID *domain, *resource, *extra;
    GROUP_MEMBERSHIP groups[3], resources[1];
    KERB_SID_AND_ATTRIBUTES extras[1];
    KERB_VALIDATION_INFO info;
};

static void sample_init(struct sample *s)
{
    *s = (struct sample){.domain = sid(4, (uint32_t[]){21, 1, 2, 3}),
                         .resource = sid(4, (uint32_t[]){21, 7, 8, 9}),
                         .extra = sid(1, (uint32_t[]){11}),
                         .groups = {{513, 7}, {512, 7}, {519, 0x10}},
                         .resources = {{1200, 0x20000007}}};
    s->extras[0] = (KERB_SID_AND_ATTRIBUTES){s->extra, 7};
    s->info = (KERB_VALIDATION_INFO){.UserId = 1105,
                                     .PrimaryGroupId = 513,
                                     .GroupCount = 3,
                                     .GroupIds = s->groups,
                                     .UserFlags = 0x220,
                                     .LogonDomainId = s->domain,
                                     .SidCount = 1,
                                     .ExtraSids = s->extras,
                                     .ResourceGroupDomainSid = s->resource,
                                     .ResourceGroupCount = 1,
                                     .ResourceGroupIds = s->resources};
}

static void sample_deinit(struct sample *s)
{
    test_free(s->domain);
    test_free(s->resource);
    test_free(s->extra);
}

/* What a KDC would put into a PAC. */
static void serialize(const KERB_VALIDATION_INFO *info, struct writer *w)
{
    struct PacLogonInfo_params p = {.Info = (KERB_VALIDATION_INFO *)(uintptr_t)info};
    struct writer stub;
    uint32_t len;

    writer_init(&stub, 1 << 20);
    assert_int_equal(ndr_encode(&pac_interface, 0, NDR_F_IN, NDR_SYNTAX_NDR20, &p, &stub), 0);
    writer_init(w, 1 << 20);
    writer_put(w, headers, sizeof(headers));
    writer_put(w, stub.data, stub.len);
    len = (uint32_t)stub.len;
    memcpy(w->data + 8, &len, 4);
    writer_deinit(&stub);
}

static struct nt_status sids_of(const uint8_t *data, size_t len, struct arena *arena, struct sam_sid **sids,
                                size_t *count)
{
    uint8_t *copy = test_malloc(len + 1); /* exactly so long, so that a byte too many is found */
    struct nt_status status;

    memcpy(copy, data, len);
    status = pac_sids(copy, len, arena, sids, count);
    test_free(copy);
    return status;
}

static void test_sids(void **state)
{
    static const struct {
        unsigned count;
        uint32_t sub[5];
    } expected[] = {{5, {21, 1, 2, 3, 1105}},
                    {5, {21, 1, 2, 3, 513}},
                    {5, {21, 1, 2, 3, 512}},
                    {1, {11}},
                    {5, {21, 7, 8, 9, 1200}}};
    struct sample s;
    struct sam_sid *sids;
    struct arena arena;
    struct writer w;
    size_t count;

    (void)state;
    sample_init(&s);
    serialize(&s.info, &w);
    arena_init(&arena, 1 << 20);
    assert_int_equal(sids_of(w.data, w.len, &arena, &sids, &count).v, 0);
    assert_int_equal(count, 5); /* not 519, which is for denials */
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(sids[i].count, expected[i].count);
        assert_int_equal(sids[i].authority[5], 5);
        assert_memory_equal(sids[i].sub, expected[i].sub, expected[i].count * sizeof(uint32_t));
    }
    writer_deinit(&w);
    s.info.UserFlags = 0; /* then these two are not filled in */
    serialize(&s.info, &w);
    assert_int_equal(sids_of(w.data, w.len, &arena, &sids, &count).v, 0);
    assert_int_equal(count, 3);
    writer_deinit(&w);
    arena_deinit(&arena);
    sample_deinit(&s);
}

static void test_illegal(void **state)
{
    GROUP_MEMBERSHIP *many = test_calloc(PAC_SIDS_MAX, sizeof(*many));
    struct sam_sid *sids;
    struct arena arena;
    struct sample s;
    struct writer w;
    size_t count;

    (void)state;
    arena_init(&arena, 1 << 20);
    sample_init(&s);
    serialize(&s.info, &w);
    for (size_t len = 0; len < w.len; len++) {
        arena_reset(&arena);
        assert_true(nt_is(sids_of(w.data, len, &arena, &sids, &count), NT_STATUS_INVALID_PARAMETER));
        assert_int_equal(count, 0);
    }
    for (size_t bit = 0; bit < w.len * 8;
         bit++) { /* whatever it says then: nothing is read or written outside */
        w.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        arena_reset(&arena);
        if (nt_success(sids_of(w.data, w.len, &arena, &sids, &count)))
            assert_in_range(count, 0, 6);
        w.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    writer_deinit(&w);
    s.info.GroupIds = many;
    s.info.GroupCount = PAC_SIDS_MAX;
    serialize(&s.info, &w);
    arena_reset(&arena);
    assert_true(nt_is(sids_of(w.data, w.len, &arena, &sids, &count), NT_STATUS_INVALID_PARAMETER));
    writer_deinit(&w);
    s.info.GroupCount = 1;
    s.info.LogonDomainId = NULL;
    serialize(&s.info, &w);
    assert_true(nt_is(sids_of(w.data, w.len, &arena, &sids, &count), NT_STATUS_INVALID_PARAMETER));
    writer_deinit(&w);
    arena_deinit(&arena);
    sample_deinit(&s);
    test_free(many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sids), cmocka_unit_test(test_illegal)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
