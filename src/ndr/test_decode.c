/* SPDX-License-Identifier: MIT */
/*
 * Each rule of the wire as a vector in both syntaxes: it decodes, encodes to the same bytes, and every
 * truncation and every bit flip of it either fails or is a value that survives encode and decode.
 */
#include "ndr/test_support.h"

struct vector {
    const char *what;
    uint16_t type, opnum;
    uint8_t direction;
    const char *hex[NDR_SYNTAX_COUNT];
    const char *json;
};

static const struct vector vectors[] = {
    {"enumeration: array of structures, counted strings",
     T_ENUMERATION,
     0,
     0,
     {"02000000 00000200"
      "02000000 f4010000 0400 0400 04000200 f5010000 0200 0400 08000200"
      "02000000 00000000 02000000 6100 6200"
      "02000000 00000000 01000000 6300",
      "02000000 00000000 0000020000000000"
      "0200000000000000 f4010000 00000000 0400 0400 00000000 0400020000000000"
      "f5010000 00000000 0200 0400 00000000 0800020000000000"
      "0200000000000000 0000000000000000 0200000000000000 6100 6200 00000000"
      "0200000000000000 0000000000000000 0100000000000000 6300"},
     "{\"name\":2,\"name\":[{\"name\":500,\"name\":\"ab\"},{\"name\":501,\"name\":\"c\"}]}"},
    {"SID: conformance stands before the structure",
     T_SID_PTR,
     0,
     0,
     {"00000200 02000000 01 02 000000000005 20000000 20020000",
      "0000020000000000 0200000000000000 01 02 000000000005 20000000 20020000"},
     "{\"name\":1,\"name\":2,\"name\":\"000000000005\",\"name\":[32,544]}"},
    {"SID of no sub-authorities",
     T_SID_PTR,
     0,
     0,
     {"00000200 00000000 01 00 000000000005", "0000020000000000 0000000000000000 01 00 000000000005"},
     "{\"name\":1,\"name\":0,\"name\":\"000000000005\",\"name\":[]}"},
    {"size after the array it describes",
     T_LATE,
     0,
     0,
     {"00000200 02000000 02000000 11000000 22000000",
      "0000020000000000 02000000 00000000 0200000000000000 11000000 22000000"},
     "{\"name\":[17,34],\"name\":2}"},
    {"null pointer to an array: its size is not checked",
     T_LATE,
     0,
     0,
     {"00000000 02000000", "0000000000000000 02000000 00000000"},
     "{\"name\":null,\"name\":2}"},
    {"union: 8-aligned arm",
     T_SWITCH,
     0,
     0,
     {"0200 0200 00000000 8807060504030201 dd000000",
      "02000000 00000000 02000000 00000000 8807060504030201 dd000000 00000000"},
     "{\"name\":2,\"name\":{\"name\":72623859790382984},\"name\":221}"},
    {"union: byte arm",
     T_SWITCH,
     0,
     0,
     {"0100 0100 07 000000 dd000000", "01000000 00000000 01000000 00000000 07 000000 dd000000"},
     "{\"name\":1,\"name\":{\"name\":7},\"name\":221}"},
    {"[ms_union]: every arm aligned as the widest",
     T_MS_SWITCH,
     0,
     0,
     {"0100 0100 00000000 07 000000 dd000000", "01000000 00000000 01000000 00000000 07 000000 dd000000"},
     "{\"name\":1,\"name\":{\"name\":7},\"name\":221}"},
    {"union: arm with a referent",
     T_SWITCH,
     0,
     0,
     {"0300 0300 00000200 dd000000 02000000 00000000 02000000 6100 0000",
      "03000000 00000000 03000000 00000000 0000020000000000 dd000000 00000000"
      "0200000000000000 0000000000000000 0200000000000000 6100 0000"},
     "{\"name\":3,\"name\":{\"name\":\"a\"},\"name\":221}"},
    {"union: empty default arm",
     T_SWITCH,
     0,
     0,
     {"0500 0500 dd000000", "05000000 00000000 05000000 00000000 dd000000 00000000"},
     "{\"name\":\"Five\",\"name\":null,\"name\":221}"},
    {"encapsulated union: one discriminant, negative label",
     T_CAPSULE,
     0,
     0,
     {"ffff 09", "ffff 000000000000 09 00000000000000"},
     "{\"name\":-1,\"name\":{\"name\":9}}"},
    {"encapsulated union: 8-aligned arm",
     T_CAPSULE,
     0,
     0,
     {"0200 000000000000 8807060504030201", "0200 000000000000 8807060504030201"},
     "{\"name\":2,\"name\":{\"name\":72623859790382984}}"},
    {"list",
     T_LIST,
     0,
     0,
     {"01000000 00000200 02000000 04000200 03000000 00000000",
      "01000000 00000000 0000020000000000 02000000 00000000 0400020000000000"
      "03000000 00000000 0000000000000000"},
     "{\"name\":1,\"name\":{\"name\":2,\"name\":{\"name\":3,\"name\":null}}}"},
    {"scalars and the gaps between them",
     T_SCALARS,
     0,
     0,
     {"ff 00 feff 03 000000 8807060504030201 0500 000000000000 000000000000f03f 78563412 0a00",
      "ff 00 feff 03 000000 8807060504030201 05000000 00000000 000000000000f03f 7856341200000000 0a00"
      "000000000000"},
     "{\"name\":-1,\"name\":-2,\"name\":3,\"name\":72623859790382984,\"name\":\"Five\",\"name\":1,"
     "\"name\":305419896,\"name\":10}"},
    {"strings: fixed bound, narrow, sized",
     T_TEXT,
     0,
     0,
     {"00000000 03000000 6100 6200 0000 0000 00000200 04000200"
      "03000000 00000000 03000000 787900 00 0c000000 00000000 02000000 7100 0000",
      "0000000000000000 0300000000000000 6100 6200 0000 0000 0000020000000000 0400020000000000"
      "0300000000000000 0000000000000000 0300000000000000 787900 0000000000"
      "0c00000000000000 0000000000000000 0200000000000000 7100 0000"},
     "{\"name\":\"ab\",\"name\":\"xy\",\"name\":\"q\"}"},
    {"referents depth first",
     T_ORDER,
     0,
     0,
     {"00000200 0200 0200 04000200 08000200"
      "01000000 0c000200 02000000 00000000 01000000 00000000 01000000 7a00 0000 2a000000",
      "0000020000000000 0200 0200 00000000 0400020000000000 0800020000000000"
      "01000000 00000000 0c00020000000000 02000000 00000000 0000000000000000"
      "0100000000000000 0000000000000000 0100000000000000 7a00 0000 2a000000"},
     "{\"name\":{\"name\":1,\"name\":{\"name\":2,\"name\":null}},\"name\":\"z\",\"name\":42}"},
    {"fixed arrays: elements, then referents",
     T_MATRIX,
     0,
     0,
     {"01000000 00000200 02000000 04000200 0000 0500 0100 0000 07000000 00000000 09000000 00000000",
      "01000000 00000000 0000020000000000 02000000 00000000 0400020000000000 00000000 05000000 01000000"
      "00000000 07000000 00000000 0000000000000000 09000000 00000000 0000000000000000"},
     "{\"name\":[{\"name\":1,\"name\":{\"name\":7,\"name\":null}},{\"name\":2,\"name\":{\"name\":9,"
     "\"name\":null}}],\"name\":[\"Zero\",\"Five\",1]}"},
    {"request: top-level pointers, size in a later parameter, context handle",
     0,
     1,
     NDR_F_IN,
     {"02000000 01000000 02000000 02000000 00000200 03000000 00000000 03000000 6800 6900 0000 0000"
      "01000000 44332211 6655 8877 0102030405060708 04000200 07000000",
      "0200000000000000 01000000 02000000 02000000 00000000 0000020000000000"
      "0300000000000000 0000000000000000 0300000000000000 6800 6900 0000 0000"
      "01000000 44332211 6655 8877 0102030405060708 00000000 0400020000000000 07000000"},
     "{\"name\":[1,2],\"name\":2,\"name\":\"hi\",\"name\":\"11223344-5566-7788-0102-030405060708\","
     "\"name\":7}"},
    {"reply: sizes from [in], [in, out] and through a pointer",
     0,
     1,
     NDR_F_OUT,
     {"01000000 44332211 6655 8877 0102030405060708 00000200 03000000 02000000 05000000 06000000"
      "03000000 00000000 02000000 abcd 0000 05010000",
      "01000000 44332211 6655 8877 0102030405060708 00000000 0000020000000000 03000000 00000000"
      "0200000000000000 05000000 06000000"
      "0300000000000000 0000000000000000 0200000000000000 abcd 0000 05010000"},
     "{\"name\":\"11223344-5566-7788-0102-030405060708\",\"name\":3,\"name\":[5,6],\"name\":\"abcd\","
     "\"name\":261}"},
};

#define VECTORS (sizeof(vectors) / sizeof(vectors[0]))

static struct value value_of(const struct vector *vector, enum ndr_syntax syntax)
{
    return (struct value){
        .type = vector->type, .opnum = vector->opnum, .direction = vector->direction, .syntax = syntax};
}

static void vectors_survive(void **state)
{
    (void)state;
    for (size_t i = 0; i < VECTORS * NDR_SYNTAX_COUNT; i++) {
        const struct vector *vector = &vectors[i / NDR_SYNTAX_COUNT];
        struct value v = value_of(vector, (enum ndr_syntax)(i % NDR_SYNTAX_COUNT));
        struct stub stub = stub_from_hex(vector->hex[v.syntax]);
        struct writer w;
        char *json;

        print_message("%s (%s)\n", vector->what, v.syntax ? "NDR64" : "NDR20");
        assert_int_equal(value_decode(&v, stub.data, stub.len), 0);
        assert_int_equal(v.used, stub.len);
        assert_int_equal(value_encode(&v, &w), 0);
        assert_int_equal(w.len, stub.len);
        assert_memory_equal(w.data, stub.data, stub.len);
        json = value_json(&v);
        assert_string_equal(json, vector->json);
        free(json);
        writer_deinit(&w);
        arena_deinit(&v.arena);
        free(stub.data);
    }
}

/* Whatever the bytes: they are refused, or are a value that encode and decode keep. */
static int survives(struct value v, const uint8_t *bytes, size_t len)
{
    struct value again = v;
    uint8_t *exact = malloc(len ? len : 1);
    struct writer w, second;
    char *before, *after;
    int r;

    assert_non_null(exact);
    memcpy(exact, bytes, len);
    r = value_decode(&v, exact, len);
    if (!r && !value_encode(&v, &w)) {
        assert_int_equal(value_decode(&again, w.data, w.len), 0);
        assert_int_equal(again.used, w.len);
        before = value_json(&v);
        after = value_json(&again);
        assert_string_equal(before, after);
        free(before);
        free(after);
        assert_int_equal(value_encode(&again, &second), 0);
        assert_int_equal(second.len, w.len);
        assert_memory_equal(second.data, w.data, w.len);
        writer_deinit(&second);
        arena_deinit(&again.arena);
        writer_deinit(&w);
    } else {
        assert_int_not_equal(r, 0); /* what was decoded can be encoded */
    }
    arena_deinit(&v.arena);
    free(exact);
    return r;
}

static void mutations_survive(void **state)
{
    (void)state;
    for (size_t i = 0; i < VECTORS * NDR_SYNTAX_COUNT; i++) {
        const struct vector *vector = &vectors[i / NDR_SYNTAX_COUNT];
        struct value v = value_of(vector, (enum ndr_syntax)(i % NDR_SYNTAX_COUNT));
        struct stub stub = stub_from_hex(vector->hex[v.syntax]);

        for (size_t len = 0; len < stub.len; len++)
            assert_int_equal(survives(v, stub.data, len), NDR_E_MALFORMED);
        for (size_t bit = 0; bit < stub.len * 8; bit++) {
            stub.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
            survives(v, stub.data, stub.len);
            stub.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        free(stub.data);
    }
}

struct hostile {
    const char *what;
    uint16_t type;
    const char *hex[NDR_SYNTAX_COUNT]; /* NULL: the same thing does not exist there */
};

static const struct hostile hostile[] = {
    {"4G entries, none there",
     T_ENUMERATION,
     {"ffffffff 00000200 ffffffff", "ffffffff 00000000 0000020000000000 ffffffff00000000"}},
    {"count that overflows when multiplied",
     T_ENUMERATION,
     {"56555515 00000200 56555515 00000000 00000000 00000000",
      "ffffffff 00000000 0000020000000000 ffffffffffffffff 00000000 00000000 00000000"}},
    {"more text than there is",
     T_ENUMERATION,
     {"01000000 00000200 01000000 f4010000 feff feff 04000200 ff7f0000 00000000 ff7f0000 6100", NULL}},
    {"max_count is not size_is",
     T_ENUMERATION,
     {"01000000 00000200 01000000 f4010000 0200 0200 04000200 02000000 00000000 01000000 6100", NULL}},
    {"actual_count is not length_is",
     T_ENUMERATION,
     {"01000000 00000200 01000000 f4010000 0400 0400 04000200 02000000 00000000 01000000 6100", NULL}},
    {"actual_count over max_count",
     T_ENUMERATION,
     {"01000000 00000200 01000000 f4010000 0400 0200 04000200 01000000 00000000 02000000 6100 6100", NULL}},
    {"offset",
     T_ENUMERATION,
     {"01000000 00000200 01000000 f4010000 0200 0400 04000200 02000000 01000000 01000000 6100",
      "01000000 00000000 0000020000000000 0100000000000000 f4010000 00000000 0200 0400 00000000"
      "0400020000000000 0200000000000000 0100000000000000 0100000000000000 6100"}},
    {"late size differs",
     T_LATE,
     {"00000200 03000000 02000000 11000000 22000000",
      "0000020000000000 03000000 00000000 0200000000000000 11000000 22000000"}},
    {"discriminant is not switch_is",
     T_SWITCH,
     {"0100 0200 00000000 8807060504030201 dd000000",
      "01000000 00000000 02000000 00000000 8807060504030201 dd000000 00000000"}},
    {"no arm for the discriminant", T_CAPSULE, {"0400 0900", "0400 000000000000 0900000000000000"}},
    {"string without terminator",
     T_WSTRING_PTR,
     {"00000200 02000000 00000000 02000000 6100 6200",
      "0000020000000000 0200000000000000 0000000000000000 0200000000000000 6100 6200"}},
    {"string of no characters at all",
     T_WSTRING_PTR,
     {"00000200 02000000 00000000 00000000",
      "0000020000000000 0200000000000000 0000000000000000 0000000000000000"}},
    {"string longer than its bound",
     T_TEXT,
     {"00000000 09000000 6100610061006100610061006100610000000000 00000000 00000000", NULL}},
    {"enum over 0x7fff",
     T_SWITCH,
     {"0080 0080 dd000000", "00800000 00000000 00800000 00000000 dd000000 00000000"}},
    {"scalar out of range",
     T_SCALARS,
     {"ff 00 feff 03 000000 8807060504030201 0500 000000000000 000000000000f03f 78563412 0b00", NULL}},
    {"count out of range: 16 sub-authorities",
     T_SID_PTR,
     {"00000200 10000000 01 10 000000000005 00000000000000000000000000000000 00000000000000000000000000000000"
      "00000000000000000000000000000000 00000000000000000000000000000000",
      NULL}},
    {"sub-authority count differs from the hoisted one",
     T_SID_PTR,
     {"00000200 02000000 01 01 000000000005 20000000 20020000",
      "0000020000000000 0200000000000000 01 01 000000000005 20000000 20020000"}},
};

static void hostile_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]) * NDR_SYNTAX_COUNT; i++) {
        const struct hostile *h = &hostile[i / NDR_SYNTAX_COUNT];
        struct value v = {.type = h->type, .syntax = (enum ndr_syntax)(i % NDR_SYNTAX_COUNT)};
        struct stub stub;

        if (!h->hex[v.syntax])
            continue;
        print_message("%s (%s)\n", h->what, v.syntax ? "NDR64" : "NDR20");
        stub = stub_from_hex(h->hex[v.syntax]);
        assert_int_equal(value_decode(&v, stub.data, stub.len), NDR_E_MALFORMED);
        arena_deinit(&v.arena);
        free(stub.data);
    }
}

static void null_ref_is_refused(void **state)
{
    /* Pages of the request is a [ref] pointer: not on the wire, so only the array can be wrong */
    struct value v = {.opnum = 1, .direction = NDR_F_IN};
    struct stub stub = stub_from_hex("03000000 01000000 02000000 03000000 04000000");

    (void)state;
    assert_int_equal(value_decode(&v, stub.data, stub.len), NDR_E_MALFORMED);
    arena_deinit(&v.arena);
    free(stub.data);
}

static void depth_is_bounded(void **state)
{
    uint32_t nodes[NDR_MAX_DEPTH + 2][2];

    (void)state;
    for (size_t count = NDR_MAX_DEPTH; count <= NDR_MAX_DEPTH + 2; count++) {
        struct value v = {.type = T_LIST};
        struct writer w;

        for (size_t i = 0; i < count; i++) {
            nodes[i][0] = (uint32_t)i;
            nodes[i][1] = i + 1 < count ? 1 : 0; /* any id that is not zero */
        }
        assert_int_equal(value_decode(&v, nodes, count * 8), count <= NDR_MAX_DEPTH + 1 ? 0 : NDR_E_LIMIT);
        if (count <= NDR_MAX_DEPTH + 1) {
            assert_int_equal(value_encode(&v, &w), 0);
            assert_int_equal(w.len, count * 8);
            writer_deinit(&w);
        }
        arena_deinit(&v.arena);
    }
}

/* 1 byte on the wire, 4 KiB in the host. */
static void memory_is_bounded(void **state)
{
    uint8_t stub[12 + 4000] = {0xa0, 0x0f, 0, 0, 1, 0, 0, 0, 0xa0, 0x0f};
    struct value v = {.type = T_WIDE_LIST};

    (void)state;
    assert_int_equal(value_decode(&v, stub, sizeof(stub)), NDR_E_LIMIT);
    assert_true(v.arena.total <= sizeof(stub) * NDR_MEMORY_FACTOR);
    arena_deinit(&v.arena);
    stub[0] = stub[8] = 2;
    stub[1] = stub[9] = 0;
    assert_int_equal(value_decode(&v, stub, 14), 0);
    assert_int_equal(v.used, 14);
    arena_deinit(&v.arena);
}

static void arena_limit_is_kept(void **state)
{
    struct stub stub = stub_from_hex(vectors[0].hex[0]);
    struct t_enumeration host;
    struct arena arena;
    size_t used;

    (void)state;
    arena_init(&arena, 16);
    assert_int_equal(ndr_decode_type(&t_interface, T_ENUMERATION, NDR_SYNTAX_NDR20, stub.data, stub.len,
                                     &arena, &host, &used),
                     NDR_E_LIMIT);
    arena_deinit(&arena);
    free(stub.data);
}

/* Text stays where it is, and trailing bytes are left to the caller. */
static void text_stays_in_place(void **state)
{
    struct stub stub = stub_from_hex(vectors[0].hex[0]);
    uint8_t *longer = realloc(stub.data, stub.len + 3);
    struct value v = {.type = T_ENUMERATION};
    const struct t_enumeration *list = (const void *)v.host;

    (void)state;
    assert_non_null(longer);
    memset(longer + stub.len, 0xff, 3);
    assert_int_equal(value_decode(&v, longer, stub.len + 3), 0);
    assert_int_equal(v.used, stub.len);
    assert_ptr_equal(list->Buffer[1].Name.Buffer, longer + stub.len - 2);
    arena_deinit(&v.arena);
    free(longer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_survive),     cmocka_unit_test(mutations_survive),
        cmocka_unit_test(hostile_is_refused),  cmocka_unit_test(null_ref_is_refused),
        cmocka_unit_test(depth_is_bounded),    cmocka_unit_test(memory_is_bounded),
        cmocka_unit_test(arena_limit_is_kept), cmocka_unit_test(text_stays_in_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
