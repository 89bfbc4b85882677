/* SPDX-License-Identifier: MIT */
/* The compiler on texts in memory: what it refuses and how it says so, what it accepts, and what it makes of
 * it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "idlc/test_support.h"

#define MEMORY ((size_t)64 << 20)
#define UUID "[uuid(12345778-1234-ABCD-EF00-0123456789AC)] "

static struct text_result compile(const char *text)
{
    const struct text_file file = {"t.idl", text, strlen(text)};

    return text_compile(&file, 1, NULL, MEMORY);
}

/* In an interface, on a line of its own: the declaration is line 2. */
static struct text_result compile_inside(const char *declarations)
{
    char text[4096];

    snprintf(text, sizeof(text), UUID "interface t {\n%s\n}\n", declarations);
    return compile(text);
}

static void assert_contains(const char *text, const char *part)
{
    if (strstr(text, part))
        return;
    print_error("no \"%s\" in:\n%s\n", part, text);
    fail();
}

static void assert_refused(const char *declarations, const char *message)
{
    struct text_result r = compile_inside(declarations);

    if (r.ok)
        print_error("accepted: %s\n", declarations);
    assert_false(r.ok);
    assert_string_equal(r.header, "");
    assert_string_equal(r.tables, "");
    assert_contains(r.messages, message);
    text_free(&r);
}

static void assert_accepted(const char *declarations, const char *header, const char *tables)
{
    struct text_result r = compile_inside(declarations);

    if (!r.ok)
        print_error("refused: %s\n%s", declarations, r.messages);
    assert_true(r.ok);
    assert_string_equal(r.messages, "");
    assert_contains(r.header, header);
    assert_contains(r.tables, tables);
    text_free(&r);
}

static void refuses_by_name(void **state)
{
    static const char *const cases[][2] = {
        {"typedef [ptr] long *P;", "t.idl:2:10: error: [ptr] is not supported: full pointers"},
        {"typedef [transmit_as(long)] short T;", "2:10: error: [transmit_as] is not supported"},
        {"typedef [represent_as(x)] short T;", "2:10: error: [represent_as] is not supported"},
        {"typedef [wire_marshal(long)] short T;", "2:10: error: [wire_marshal] is not supported"},
        {"typedef [user_marshal(long)] short T;", "2:10: error: [user_marshal] is not supported"},
        {"[callback] void f([in] long x);", "2:2: error: [callback] is not supported"},
        {"[maybe] void f([in] long x);", "2:2: error: [maybe] is not supported"},
        {"[broadcast] void f([in] long x);", "2:2: error: [broadcast] is not supported"},
        {"[local] void f([in] long x);", "2:2: error: [local] is not supported"},
        {"[call_as(g)] void f([in] long x);", "2:2: error: [call_as] is not supported"},
        {"[async] void f([in] long x);", "2:2: error: [async] is not supported"},
        {"void f([in, iid_is(x)] long *p);", "2:13: error: [iid_is] is not supported"},
        {"void f([in, comm_status] long *p);", "2:13: error: [comm_status] is not supported"},
        {"void f([in, partial_ignore] long **p);", "2:13: error: [partial_ignore] is not supported"},
        {"void f([in, min_is(2), size_is(4)] long *p);", "2:13: error: [min_is] is not supported"},
        {"void f([in] pipe char p);", "2:13: error: pipe is not supported"},
        {"typedef pipe char P;", "2:9: error: pipe is not supported"},
        {"void f([in] SAFEARRAY(long) p);", "2:13: error: SAFEARRAY belongs to COM automation"},
        {"struct s { long a : 3; };", "2:19: error: bit fields have no place in NDR"},
        {"library l { }", "2:1: error: library is not supported"},
        {"#include <x.h>", "2:1: error: preprocessor lines are not supported"},
        {"#define F(x) 3", "2:9: error: macros with parameters are not supported"},
        {"void f([in, first_is(1), length_is(2), size_is(4)] long *p);",
         "2:22: error: [first_is] other than 0"},
        {"void f([in] long (*g)(long));", "error: pointers to functions cannot be sent"},
        {"void f([in, frobnicated] long x);",
         "2:13: error: [frobnicated] is not an attribute that idlc knows"},
        {"typedef [in] long x;", "2:10: error: [in] does not belong here"},
        {"void f([in] long x[1..3]);", "2:21: error: bounds with a lower limit"},
        {"long *f(void);", "2:6: error: a procedure cannot return a pointer"},
        {"struct s { long x; }; struct s f(void);", "must return void, an integer or an enum"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_refused(cases[i][0], cases[i][1]);
}

static void refuses_interface_attributes(void **state)
{
    static const char *const cases[][2] = {
        {"[uuid(1), version(1.0)] interface t { }", "1:2: error: not a UUID"},
        {"[version(1.0)] interface t { }", "1:26: error: the interface needs [uuid(...)]"},
        {"[uuid(12345778-1234-ABCD-EF00-0123456789AC), version(1.x)] interface t { }", "not a version"},
        {"[uuid(12345778-1234-ABCD-EF00-0123456789AC), version(1.70000)] interface t { }", "not a version"},
        {"[uuid(12345778-1234-ABCD-EF00-0123456789AC), pointer_default(ptr)] interface t { }",
         "full pointers are not supported"},
        {"[uuid(12345778-1234-ABCD-EF00-0123456789AC), auto_handle] interface t { }",
         "[auto_handle] is not supported"},
        {"[uuid(12345778-1234-ABCD-EF00-0123456789AC), implicit_handle(handle_t h)] interface t { }",
         "[implicit_handle] is not supported"},
        {"[object, uuid(12345778-1234-ABCD-EF00-0123456789AC)] interface t { }", "[object] is not supported"},
        {UUID "interface t : IUnknown { }", "interfaces that inherit belong to DCOM"},
        {UUID "interface t { } " UUID "interface t { }", "interface t is defined twice"},
        {UUID "interface t { interface u { } }", "cannot stand inside"},
        {"void f(void);", "a procedure stands inside an interface"},
        {"import \"nowhere.idl\";", "1:8: error: cannot read nowhere.idl"},
        {"}", "no brace is open here"},
        {"/* never closed", "1:1: error: comment without an end"},
        {"const char *x = \"open;", "no closing quote"},
        {"const long x = 1.5;", "not a number"},
        {"const long x = 99999999999999999999;", "number too large"},
        {"const long x = 1 / 0;", "this value is not defined"},
        {"const long x = 1 << 64;", "this value is not defined"},
        {"@", "a character that has no place in IDL"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text_result r = compile(cases[i][0]);

        assert_false(r.ok);
        assert_contains(r.messages, cases[i][1]);
        text_free(&r);
    }
}

static void refuses_what_means_nothing(void **state)
{
    static const char *const cases[][2] = {
        {"struct s { long n; [size_is(m)] long *p; };\ntypedef struct s S;",
         "2:29: error: m is neither a member here nor a constant"},
        {"void f([in, size_is(n)] long *p);", "2:21: error: n is neither a parameter here nor a constant"},
        {"typedef struct { float n; [size_is(n)] long *p; } S;", "2:36: error: n is not an integer"},
        {"void f([in, unique] long *n, [in, size_is(n)] long *p);", "error: n is a pointer: write *n"},
        {"void f([in] long n, [in, size_is(*n)] long *p);", "error: n is not a pointer: leave out the *"},
        {"typedef struct { long n; [size_is(n)] long p[]; long m; } S;",
         "2:44: error: p has no fixed length, so it must be the last member"},
        {"typedef struct { [size_is(4)] long p[]; } S;", "p cannot be the only member"},
        {"typedef struct _T { long n; [size_is(n)] long p[]; } T; typedef struct { T t; long m; } S;",
         "t has no fixed length, so it must be the last member"},
        {"typedef struct _T { long n; [size_is(n)] long p[]; } T;\n"
         "typedef struct { long n; [size_is(n)] T *t; } S;",
         "do not fit an array"},
        {"typedef struct _T { long n; [size_is(n)] long p[]; } T; void f([in] T t);",
         "t has no fixed length: pass a pointer to it"},
        {"typedef struct s { struct s x; } S;", "2:29: error: x would contain itself: declare a pointer"},
        {"typedef struct s { struct t x; } S; struct t { struct s y; };",
         "is not defined before its use by value"},
        {"typedef [switch_type(long)] union { [case(1)] long a; [case(2, 1)] short b; } U;",
         "error: two arms for case 1"},
        {"typedef [switch_type(long)] union { [default] long a; [default] short b; } U;", "two default arms"},
        {"typedef [switch_type(long)] union { [case(x)] long a; } U;", "x is not a constant"},
        {"typedef [switch_type(long)] union { [case(1)] long a; } U; void f([in] U *u);",
         "u is a union: write [switch_is(...)]"},
        {"typedef union { [case(1)] long a; } U; void f([in, switch_is(2 + 1)] U *u);",
         "write [switch_type(...)]"},
        {"typedef union { [case(1)] long a; } U; void f([in] float x, [in, switch_is(x)] U *u);",
         "must be an integer or an enum"},
        {"union u { long a; }; void f([in] long x, [in, switch_is(x)] union u *p);",
         "when is this arm sent?"},
        {"typedef [switch_type(long)] union { [case(1)] [size_is(2)] long a[]; } U;", "cannot be in a union"},
        {"void f([in] void *p);", "2:19: error: p is void *, which does not say what is sent"},
        {"void f([out] long x);", "x is [out], so it must be a pointer or an array"},
        {"void f([out, unique] long *x);", "its outermost pointer cannot be [unique]"},
        {"void f([in] long x, [in] long x);", "x is declared twice here"},
        {"typedef struct { long x, x; } S;", "x is declared twice here"},
        {"void f([in] long Return);", "Return is the name of the result"},
        {"void f(void); void f(void);", "f is defined twice"},
        {"typedef long X; typedef short X;", "X is defined twice"},
        {"enum e { A, A };", "A is defined twice"},
        {"void f([in] foo x);", "2:13: error: foo is not a type"},
        {"struct s { long x; }; void f([in] s x);", "s is a tag: write struct, union or enum before it"},
        {"struct s; void f([in] struct s *x);", "its members are nowhere given"},
        {"void f([in] enum e x);", "enum e has no definition"},
        {"void f([in, string] long *x);", "[string] needs characters"},
        {"void f([in, string] wchar_t x);", "[string] needs a pointer to characters"},
        {"void f([in, unique] long x);", "[unique] needs a pointer"},
        {"void f([in, size_is(3)] long x);", "speaks of a pointer or array that is not there"},
        {"void f([in, size_is(3), max_is(3)] long *x);", "[size_is] and [max_is] at once"},
        {"void f([in, length_is(3)] long *x);", "[length_is] without [size_is]"},
        {"void f([in, string, length_is(3)] char *x);", "[string] and a length at once"},
        {"void f([in] long x[]);", "x needs [size_is]"},
        {"void f([in, range(3, 1)] long x);", "the range is empty"},
        {"void f([in, range(1)] long x);", "[range] needs two values"},
        {"typedef struct { long x; } S; void f([in, range(1, 2)] S x);", "[range] needs an integer"},
        {"void f([in, in] long x);", "[in] twice"},
        {"void f([in] long n, [in, size_is(n > 3)] long *p);",
         "comparisons, ! && || and ? : are for constants"},
        {"void f([in] long n, [in, size_is(x(n))] long *p);", "calls and macros"},
        {"void f([in] long n, [in, size_is(n.m)] long *p);", "members of members"},
        {"void f([in] long n, [in, size_is((long)n)] long *p);", "casts are not supported"},
        {"void f([in] unsigned float x);", "neither signed nor unsigned"},
        {"typedef struct { long n; [size_is(n, n)] long x[][]; } S;", "elements of x have no fixed length"},
        {"void f([in, context_handle] long x);", "[context_handle] needs a pointer"},
        {"void f([in] long ********* x);", "more than 8 levels of pointers"},
        {"void f([in] long x)", "is needed here"},
        {"struct { long x; };", "nothing can refer to this"},
        {"typedef struct { } S;", "without members"},
        {"enum e { };", "an enum needs an enumerator"},
        {"long x[0];", "is needed here"},
        {"typedef long x[0];", "at least 1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_refused(cases[i][0], cases[i][1]);
}

static void says_several_things_at_once(void **state)
{
    struct text_result r = compile_inside("typedef [ptr] long *P;\nstruct s { long a : 3; foo b; long c; };\n"
                                          "void f([in] bar x);\nvoid g([in] long ok);\nvoid h([in] baz y);");

    (void)state;
    assert_false(r.ok);
    assert_string_equal(
        r.messages,
        "t.idl:2:10: error: [ptr] is not supported: full pointers may name one object twice, which a message "
        "without a memory cannot hold; write [unique] or [ref]\n"
        "    typedef [ptr] long *P;\n"
        "             ^~~\n"
        "t.idl:3:19: error: bit fields have no place in NDR: declare an integer and masks\n"
        "    struct s { long a : 3; foo b; long c; };\n"
        "                      ^\n"
        "t.idl:3:24: error: foo is not a type: define it above, or import the file that does\n"
        "    struct s { long a : 3; foo b; long c; };\n"
        "                           ^~~\n"
        "t.idl:4:13: error: bar is not a type: define it above, or import the file that does\n"
        "    void f([in] bar x);\n"
        "                ^~~\n"
        "t.idl:6:13: error: baz is not a type: define it above, or import the file that does\n"
        "    void h([in] baz y);\n"
        "                ^~~\n");
    text_free(&r);
}

static void keeps_limits(void **state)
{
    char text[200000];
    size_t at;

    (void)state;
    at = (size_t)snprintf(text, sizeof(text), "typedef struct { long m0");
    for (int i = 1; i <= 16; i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, ", m%d", i);
    at += (size_t)snprintf(text + at, sizeof(text) - at, ";");
    for (int i = 0; i <= 16; i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, "[size_is(m%d)] long *p%d;", i, i);
    snprintf(text + at, sizeof(text) - at, "} S;");
    {
        struct text_result r = compile(text);

        assert_false(r.ok);
        assert_contains(r.messages, "more than 16 values are referred to");
        text_free(&r);
    }
    /* the names of 7,000 members need more than 64 KiB */
    at = (size_t)snprintf(text, sizeof(text), "typedef struct {");
    for (int i = 0; i < 7000; i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, "long member%05d;", i);
    snprintf(text + at, sizeof(text) - at, "} S;");
    {
        struct text_result r = compile(text);

        assert_false(r.ok);
        assert_contains(r.messages, "the names of the interface do not fit 16 bits");
        text_free(&r);
    }
    memset(text, '(', 60000);
    memcpy(text, "const long x = ", 15);
    text[60000] = '\0';
    {
        struct text_result r = compile(text);

        assert_false(r.ok);
        assert_contains(r.messages, "nested more than");
        text_free(&r);
    }
    memset(text, '@', 60000);
    {
        struct text_result r = compile(text);

        assert_false(r.ok);
        assert_contains(r.messages, "too many errors");
        text_free(&r);
    }
}

static void reports_want_of_memory(void **state)
{
    static const char text[] = "typedef struct { long n; [size_is(n)] long *p; } S;";
    const struct text_file file = {"t.idl", text, strlen(text)};
    bool failed = false;

    (void)state;
    for (size_t memory = 0; memory < MEMORY; memory = memory * 2 + 512) {
        struct text_result r = text_compile(&file, 1, NULL, memory);

        if (!r.ok) {
            failed = true;
            assert_contains(r.messages, "error: out of memory");
        }
        text_free(&r);
    }
    assert_true(failed);
}

static void accepts_the_language(void **state)
{
    static const char *const cases[][3] = {
        /* parameters held by value, and not */
        {"void f([out] unsigned long *n);", "uint32_t n;", "NDR_F_OUT, 0, 0}"},
        {"void f([in, unique] long *n);", "int32_t *n;", "unique -> int32_t"},
        {"typedef [string] wchar_t *W; void f([in] W w);", "W w;",
         "ref -> conformant varying string of wchar"},
        {"void f([out, string] wchar_t **w);", "uint16_t *w;",
         "unique -> conformant varying string of wchar"},
        {"void f([in] short x[4]);", "int16_t x[4];", "4 * sizeof(int16_t), 4,"},
        {"void f([in, size_is(4)] short x[10]);", "int16_t *x;", "ref -> conformant array of int16_t"},
        {"void f([in, ref, size_is(4)] short x[]);", "int16_t *x;", "ref -> conformant array of int16_t"},
        {"void f([in] short (*x)[4]);", "int16_t x[4];", "array of int16_t"},
        {"void f([in, string] wchar_t x[8]);", "uint16_t x[8];", "NDR_T_VARYING | NDR_T_INLINE"},
        {"void f([in] handle_t h, [in] long x);", "int32_t x;\n};", "sizeof(struct f_params)"},
        {"void f([in, context_handle] void *h);", "struct ndr_context_handle h;", "NDR_P_HAS_IN_CONTEXT"},
        {"void f([out, context_handle] void **h);", "struct ndr_context_handle h;", "{1, 1, 1, 0, sizeof"},
        {"void f();", "uint8_t unused_;", "f_params)"},
        {"unsigned short f(long x);", "uint16_t Return;", "NDR_F_OUT | NDR_F_RESULT"},
        /* names that C or C++ has taken */
        {"void f([in] long class, [in] long new, [in, size_is(class)] long *this);", "int32_t class_;",
         "\"class\\0\""},
        /* gaps */
        {"void Opnum0NotUsedOnWire(void); void Opnum1NotUsedOnWire(); long Opnum2NotUsedByAnybody(void);",
         "Opnum2NotUsedByAnybody_opnum = 2", "NDR_P_ABSENT"},
        {"void OpnumNotUsed(void);", "struct OpnumNotUsed_params", "OpnumNotUsed_params)"},
        /* expressions are folded, precedence is C's */
        {"const long A = 2 + 3 * 4 - (1 << 4 >> 2) % 3 | 8 & ~1 ^ 2;", "#define A (15)", "t_types"},
        {"const long A = 7 > 3 ? 10 : 20;", "#define A (10)", "t_types"},
        {"const long A = 0x80000000;", "#define A (2147483648u)", "t_types"},
        {"const hyper A = -5000000000;", "#define A (-5000000000LL)", "t_types"},
        {"const wchar_t *A = L\"x\";", "#define A u\"x\"", "t_types"},
        {"#define A 3\n#define B (A + 1)\ntypedef byte x[B];", "typedef uint8_t x[4];", "t_types"},
        {"typedef byte x[sizeof(long) * 2 + sizeof(wchar_t)];", "typedef uint8_t x[10];", "t_types"},
        {"typedef struct { long n; [size_is(n * 2 + 1)] long *p; } S;", "S", "{1, NDR_OP_CONST, {0}}"},
        {"typedef struct { long n; [max_is(n)] long *p; } S;", "S", "{0, NDR_OP_ADD, {0}}"},
        {"typedef struct { long n; [max_is(7)] long *p; } S;", "S", "{8, NDR_OP_CONST, {0}}"},
        /* ranges go to the value or to the count */
        {"void f([in, range(0, 5)] long n);", "int32_t n;", "{0, 5}"},
        {"void f([in, range(0, 5), string] char *n);", "uint8_t *n;", "0, 0, 1, {0, 0}, 1, 0}"},
        /* types that nothing sends may be anything */
        {"typedef void *HANDLE; typedef union { long a; struct { short b; }; } C; typedef [handle] long *H;",
         "typedef void *HANDLE;", "t_types"},
        /* types */
        {"typedef long long L; typedef unsigned hyper int U; typedef short int I;", "typedef int64_t L;",
         "t_"},
        {"typedef struct x X, *PX; struct x { PX next; X *other; };", "struct x {\n    PX next;", "t_types"},
        {"typedef enum { A = 3, B, C = A } E; void f([in] E e);", "    B = 4,\n    C = 3,", "NDR_ENUM16"},
        {"typedef [v1_enum] enum { A } E; void f([in] E e);", "typedef int32_t E;", "NDR_ENUM32"},
        {"void f([in] __int3264 x);", "uint64_t x;", "NDR_UINTPTR"},
        {"typedef [range(1, 2)] long R; typedef R R2; void f([in] R2 x);", "R2 x;", "{1, 2}"},
        {"typedef struct { [secret] long pin; } S;", "int32_t pin;", "NDR_T_SECRET"},
        {"typedef struct { [string] wchar_t n[8]; } *PS; void f([in] PS s);", "struct PS_target s;",
         "varying string"},
        {"typedef union switch (long x) { case 1: long a; } U; void f([in] U u);", "union U_tagged_union",
         "NDR_T_ENCAPSULATED"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_accepted(cases[i][0], cases[i][1], cases[i][2]);
}

static void applies_pointer_defaults(void **state)
{
    static const char text[] =
        "[uuid(12345778-1234-ABCD-EF00-0123456789AC), pointer_default(ref)] interface t {\n"
        "typedef struct { long *a; [unique] short *b; } S; void f([in] S *s, [in] hyper **h); }";
    struct text_result r = compile(text);

    (void)state;
    assert_true(r.ok);
    assert_contains(r.tables, "/* 3: ref -> int32_t */");
    assert_contains(r.tables, "unique -> int16_t");
    assert_contains(r.tables, "ref -> int64_t"); /* the inner pointer; the outer one is held by value */
    assert_contains(r.header, "    int64_t *h;");
    text_free(&r);
}

static void imports_each_file_once(void **state)
{
    static const char main_text[] = "import \"a.idl\", \"b.idl\"; typedef struct { A a; B b; } M;",
                      a_text[] = "import \"b.idl\"; typedef struct { B x; long y; } A; typedef long UNUSED;",
                      b_text[] =
                          "import \"a.idl\"; typedef struct { short z; } B, C; typedef struct { long q; } D;";
    const struct text_file files[] = {{"m.idl", main_text, strlen(main_text)},
                                      {"a.idl", a_text, strlen(a_text)},
                                      {"b.idl", b_text, strlen(b_text)}};
    struct text_result r = text_compile(files, 3, NULL, MEMORY);

    (void)state;
    assert_string_equal(r.messages, "");
    assert_true(r.ok);
    assert_contains(r.header, "#include \"a.h\"\n#include \"b.h\"\n");
    assert_contains(r.header, "m_type_M = ");
    assert_contains(r.header, "m_type_A = ");
    assert_contains(r.header, "m_type_C = "); /* another name of what is used */
    assert_null(strstr(r.header, "m_type_D"));
    assert_null(strstr(r.header, "struct A {"));
    text_free(&r);
}

static void describes_foreign_types(void **state)
{
    struct text_result r = compile("extern \"there.h\" {\n"
                                   "typedef struct _X { [string] wchar_t *name; long n; } X, *PX;\n"
                                   "const long HIDDEN = 3;\n"
                                   "}\n"
                                   "typedef struct { X x[HIDDEN]; } Y;");

    (void)state;
    assert_string_equal(r.messages, "");
    assert_contains(r.header, "#include \"there.h\"");
    assert_null(strstr(r.header, "struct _X"));
    assert_null(strstr(r.header, "HIDDEN"));
    assert_contains(r.header, "    X x[3];");
    assert_contains(r.tables, "offsetof(X, name)");
    assert_contains(r.tables, "3 * sizeof(X)");
    text_free(&r);
}

static void masks_secrets(void **state)
{
    static const char text[] = UUID
        "interface t { typedef struct { long a; short b; } KEY; typedef struct { long pin; KEY key; } S;\n"
        "void f([in] S *s, [in, secret] KEY *k, [in, string] wchar_t *word); }";
    const struct text_file file = {"t.idl", text, strlen(text)};
    struct text_result r = text_compile(&file, 1, "KEY", MEMORY), q = text_compile(&file, 1, "pin", MEMORY);

    (void)state;
    assert_true(r.ok && q.ok);
    /* a structure that is [secret] is one with its members all the same */
    assert_contains(r.tables,
                    "{NDR_STRUCT, NDR_T_SECRET | NDR_T_FIXED, {4, 4}, {6, 8}, sizeof(struct KEY), 0, 1, 2,");
    assert_contains(r.tables, "{NDR_INT32, NDR_T_FIXED,");
    assert_null(strstr(r.tables, "{NDR_INT32, NDR_T_SECRET"));
    assert_contains(q.tables, "{NDR_INT32, NDR_T_SECRET");
    text_free(&r);
    text_free(&q);
}

static void has_several_interfaces(void **state)
{
    struct text_result r =
        compile(UUID "interface a { typedef struct { long x; } S; void f([in] S s); }\n" UUID
                     "interface b { void g([in] S *s, [in] short y); }");

    (void)state;
    assert_string_equal(r.messages, "");
    assert_contains(r.header, "extern const struct ndr_interface a_interface;");
    assert_contains(r.header, "extern const struct ndr_interface b_interface;");
    assert_contains(r.tables, "b_types");
    assert_contains(r.header, "b_type_S = 1");
    text_free(&r);
}

static void gives_the_same_again(void **state)
{
    static const char text[] =
        UUID "interface t { typedef struct { long n; [size_is(n)] struct { short a; } *p; } S;\n"
             "typedef [switch_type(long)] union { [case(1, 2)] S *s; [default] ; } U;\n"
             "long f([in] long l, [in, switch_is(l)] U *u, [out] S **s); }";
    struct text_result a = compile(text), b = compile(text);

    (void)state;
    assert_true(a.ok && b.ok);
    assert_string_equal(a.header, b.header);
    assert_string_equal(a.tables, b.tables);
    text_free(&a);
    text_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_by_name),
        cmocka_unit_test(refuses_interface_attributes),
        cmocka_unit_test(refuses_what_means_nothing),
        cmocka_unit_test(says_several_things_at_once),
        cmocka_unit_test(keeps_limits),
        cmocka_unit_test(reports_want_of_memory),
        cmocka_unit_test(accepts_the_language),
        cmocka_unit_test(applies_pointer_defaults),
        cmocka_unit_test(imports_each_file_once),
        cmocka_unit_test(describes_foreign_types),
        cmocka_unit_test(masks_secrets),
        cmocka_unit_test(has_several_interfaces),
        cmocka_unit_test(gives_the_same_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
