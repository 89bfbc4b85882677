/* SPDX-License-Identifier: MIT */
#include "smb/test_peer.h"

#include <errno.h>
#include <stdlib.h>

#include "smb/client.h"

#define SESSION 0x1234u

static int find_account(void *data, const uint16_t *user, const uint16_t *domain, struct auth_account *out)
{
    (void)data;
    (void)domain;
    if (memcmp(user, u"user", 10) != 0)
        return AUTH_E_NO_SUCH_USER;
    *out = (struct auth_account){.id = 1000};
    auth_nt_hash((const uint16_t *)u"Passw0rd", 8, out->nt_hash);
    return 0;
}

int test_peer_init(struct test_peer *p, uint16_t dialect)
{
    struct auth_acceptor_config config = {.mechanisms = AUTH_NTLM,
                                          .account = find_account,
                                          .computer = (const uint16_t *)u"PEER",
                                          .domain = (const uint16_t *)u"DOM"};
    struct auth_options options = {.type = AUTH_TYPE_SPNEGO, .level = AUTH_LEVEL_CONNECT};

    *p = (struct test_peer){.dialect = dialect};
    p->signing = dialect == SMB_3_1_1 ? SMB_SIGN_GMAC : dialect >= SMB_3_0 ? SMB_SIGN_CMAC : SMB_SIGN_HMAC;
    memset(p->guid, 0x47, sizeof(p->guid));
    writer_init(&p->in, 1 << 20);
    writer_init(&p->echo, 16 << 20);
    writer_init(&p->reply, 16 << 20);
    if (auth_acceptor_new(&p->acceptor, &config) != 0 ||
        auth_acceptor_context(&p->auth, p->acceptor, &options) != 0)
        return -ENOMEM;
    return 0;
}

void test_peer_deinit(struct test_peer *p)
{
    auth_free(p->auth);
    auth_acceptor_free(p->acceptor);
    writer_deinit(&p->in);
    writer_deinit(&p->echo);
    writer_deinit(&p->reply);
}

static void sign(struct test_peer *p, uint8_t *message, size_t len)
{
    uint8_t signature[16];
    struct smb_header h;
    struct reader in;

    if (p->meddle)
        p->meddle(p->meddle_data, message, len);
    reader_init(&in, message, len);
    smb_header_get(&in, &h);
    if (!p->keys.present || p->encrypting || !(h.flags & SMB_FLAG_SIGNED))
        return;
    smb_sign(&p->keys, message, len, h.message_id, true, false, signature);
    memcpy(message + SMB_SIGNATURE_OFFSET, signature, 16);
}

/* The messages of `reply`, framed. */
static void flush(struct test_peer *p, struct writer *out)
{
    unsigned count = p->chain.count;
    uint8_t front[4 + SMB_TRANSFORM_LEN] = {0};
    size_t len = p->reply.len, front_len = p->encrypting ? sizeof(front) : 4;
    struct writer w;

    if (!count)
        return;
    p->chain.count = 0;
    for (unsigned i = 0; i < count; i++)
        sign(p, p->reply.data + p->chain.start[i],
             (i + 1 < count ? p->chain.start[i + 1] : len) - p->chain.start[i]);
    front[1] = (uint8_t)((len + front_len - 4) >> 16);
    front[2] = (uint8_t)((len + front_len - 4) >> 8);
    front[3] = (uint8_t)(len + front_len - 4);
    if (p->encrypting) {
        writer_init_fixed(&w, front + 4, SMB_TRANSFORM_LEN);
        writer_put(&w, "\xfdSMB", 4);
        writer_zero(&w, 32);
        writer_u32(&w, (uint32_t)len);
        writer_u16(&w, 0);
        writer_u16(&w, 1);
        writer_u64(&w, SESSION);
        smb_encrypt(&p->keys, front + 4, p->reply.data, len);
    }
    writer_put(out, front, front_len);
    writer_put(out, p->reply.data, len);
    writer_reset(&p->reply);
}

static void add(struct test_peer *p, const struct smb_header *h, const void *body, size_t len)
{
    unsigned n = p->chain.count;

    if (n) {
        writer_align(&p->reply, 8);
        writer_patch_u32(&p->reply, p->chain.start[n - 1] + SMB_NEXT_OFFSET,
                         (uint32_t)(p->reply.len - p->chain.start[n - 1]));
    }
    p->chain.start[n] = p->reply.len;
    p->chain.count++;
    smb_header_put(&p->reply, h);
    writer_put(&p->reply, body, len);
}

void test_peer_frame(struct test_peer *p, const struct smb_header *h, const void *body, size_t len,
                     struct writer *out)
{
    flush(p, out);
    add(p, h, body, len);
    flush(p, out);
}

static struct smb_header answer_header(const struct test_peer *p, const struct smb_header *q, uint32_t status)
{
    struct smb_header h = {.command = q->command,
                           .message_id = q->message_id,
                           .credits = q->credits,
                           .credit_charge = q->credit_charge,
                           .status = status,
                           .tree_id = q->command < SMB_TREE_CONNECT ? 0 : 5,
                           .session_id = SESSION};

    h.flags = SMB_FLAG_RESPONSE;
    if (p->keys.present && !p->encrypting && !p->unsigned_answers)
        h.flags |= SMB_FLAG_SIGNED;
    return h;
}

static void put_context(struct writer *w, uint16_t type, const uint16_t *values, size_t count)
{
    writer_align_from(w, 0, 8);
    writer_u16(w, type);
    writer_u16(w, (uint16_t)(count * 2));
    writer_u32(w, 0);
    for (size_t i = 0; i < count; i++)
        writer_u16(w, values[i]);
}

static unsigned take_values(struct reader *in, unsigned count, uint16_t values[8])
{
    unsigned taken = 0;

    for (; taken < count && taken < 8; taken++)
        values[taken] = reader_u16(in);
    return taken;
}

static bool in(const uint16_t *values, unsigned count, uint16_t value)
{
    for (unsigned i = 0; i < count; i++)
        if (values[i] == value)
            return true;
    return false;
}

static bool take_offer(struct test_peer_offer *o, struct reader *body, const uint8_t *message, size_t len)
{
    uint32_t offset;
    uint16_t count;
    struct reader all;
    const uint8_t *guid;

    *o = (struct test_peer_offer){0};
    reader_take(body, 2);
    o->dialect_count = reader_u16(body);
    o->mode = reader_u16(body);
    reader_take(body, 2);
    o->capabilities = reader_u32(body);
    guid = reader_take(body, 16);
    if (guid)
        memcpy(o->guid, guid, 16);
    offset = reader_u32(body);
    count = reader_u16(body);
    reader_take(body, 2);
    o->dialect_count = take_values(body, o->dialect_count, o->dialects);
    if (body->failed || !in(o->dialects, o->dialect_count, SMB_3_1_1))
        return !body->failed;
    reader_init(&all, message, len);
    reader_take(&all, offset);
    for (unsigned i = 0; i < count; i++) {
        uint16_t type, data_len;
        struct reader data;

        reader_align(&all, 8);
        type = reader_u16(&all);
        data_len = reader_u16(&all);
        reader_u32(&all);
        data = reader_sub(&all, data_len);
        if (type == SMB_CONTEXT_ENCRYPTION)
            o->cipher_count = take_values(&data, reader_u16(&data), o->ciphers);
        if (type == SMB_CONTEXT_SIGNING)
            o->signing_count = take_values(&data, reader_u16(&data), o->signings);
        if (data.failed)
            return false;
    }
    return !all.failed;
}

/* Only what was offered is chosen: no cipher and no signing context otherwise. */
static void choose(struct test_peer *p, bool *signing_context)
{
    const struct test_peer_offer *o = &p->offer;

    *signing_context = p->dialect == SMB_3_1_1;
    if (p->stubborn)
        return;
    if (p->dialect == SMB_3_1_1 && !in(o->ciphers, o->cipher_count, p->cipher))
        p->cipher = 0;
    if (p->dialect < SMB_3_1_1 && !(o->capabilities & SMB_CAP_ENCRYPTION))
        p->cipher = 0;
    if (p->dialect == SMB_3_1_1 && !in(o->signings, o->signing_count, p->signing)) {
        p->signing = SMB_SIGN_CMAC;
        *signing_context = false;
    }
}

static uint32_t negotiate(struct test_peer *p, struct reader *body, const uint8_t *message, size_t len,
                          struct writer *w)
{
    struct writer hint;
    bool signing, encryption;
    size_t at;

    if (!take_offer(&p->offer, body, message, len))
        return (uint32_t)NT_STATUS_INVALID_PARAMETER;
    if (!p->stubborn && !in(p->offer.dialects, p->offer.dialect_count, p->dialect))
        return (uint32_t)NT_STATUS_NOT_SUPPORTED;
    encryption = p->cipher != 0; /* also to say that there is none in common */
    choose(p, &signing);
    writer_init(&hint, 65536);
    auth_acceptor_hint(p->acceptor, &hint);
    writer_u16(w, 65);
    writer_u16(w, 3);
    writer_u16(w, p->dialect);
    writer_u16(w, p->dialect == SMB_3_1_1 ? (uint16_t)(1 + encryption + signing) : 0);
    writer_put(w, p->guid, 16);
    writer_u32(w, p->dialect >= SMB_3_0 && p->dialect < SMB_3_1_1 && p->cipher ? SMB_CAP_ENCRYPTION : 0);
    for (int i = 0; i < 3; i++)
        writer_u32(w, p->max_len ? p->max_len : 1 << 20);
    writer_zero(w, 16);
    writer_u16(w, SMB_HEADER_LEN + 64);
    writer_u16(w, (uint16_t)hint.len);
    at = w->len;
    writer_u32(w, 0);
    writer_put(w, hint.data, hint.len);
    if (p->dialect == SMB_3_1_1) {
        writer_align(w, 8);
        writer_patch_u32(w, at, (uint32_t)(SMB_HEADER_LEN + w->len));
        put_context(w, SMB_CONTEXT_PREAUTH, (const uint16_t[]){1, 0, 1}, 3);
        if (encryption)
            put_context(w, SMB_CONTEXT_ENCRYPTION, (const uint16_t[]){1, p->cipher}, 2);
        if (signing)
            put_context(w, SMB_CONTEXT_SIGNING, (const uint16_t[]){1, p->signing}, 2);
    }
    writer_deinit(&hint);
    return 0;
}

static uint32_t session(struct test_peer *p, struct reader *in, const uint8_t *message, size_t len,
                        struct writer *w)
{
    uint16_t offset, token_len;
    struct writer out;
    uint32_t status = 0;
    int r;

    reader_take(in, 12);
    offset = reader_u16(in);
    token_len = reader_u16(in);
    if (in->failed || offset > len || token_len > len - offset)
        return (uint32_t)NT_STATUS_INVALID_PARAMETER;
    writer_init(&out, 65536);
    r = auth_step(p->auth, message + offset, token_len, &out);
    if (r == AUTH_CONTINUE)
        status = SMB_STATUS_MORE_PROCESSING;
    else if (r)
        status = auth_nt_status(r).v;
    writer_u16(w, 9);
    writer_u16(w, status ? 0 : p->session_flags);
    writer_u16(w, SMB_HEADER_LEN + 8);
    writer_u16(w, (uint16_t)out.len);
    writer_put(w, out.data, out.len);
    writer_deinit(&out);
    if (status == 0 && !p->unprotected) {
        uint8_t swap[32];
        size_t key_len;
        const uint8_t *key = auth_session_key(p->auth, &key_len);

        p->keys.signing = (enum smb_signing)p->signing;
        p->keys.cipher = (enum smb_cipher)p->cipher;
        smb_keys_derive(&p->keys, p->dialect, key, key_len, p->preauth);
        memcpy(swap, p->keys.encrypt, 32);
        memcpy(p->keys.encrypt, p->keys.decrypt, 32);
        memcpy(p->keys.decrypt, swap, 32);
    }
    return status;
}

static uint32_t give(struct test_peer *p, struct writer *w, bool ioctl, uint32_t fsctl)
{
    size_t len = p->echo.len - p->echo_at;
    bool more;

    if (p->message_left)
        len = p->message_left;
    else if (p->serve && len >= 10)
        len = p->echo.data[p->echo_at + 8] | (size_t)p->echo.data[p->echo_at + 9] << 8;
    if (p->mute)
        len = 0;
    more = p->overflow && len > p->overflow;
    p->message_left = p->serve && more ? len - p->overflow : 0;
    if (more)
        len = p->overflow;
    writer_u16(w, ioctl ? 49 : 17);
    if (ioctl) {
        writer_u16(w, 0);
        writer_u32(w, fsctl);
        writer_zero(w, 24);
        writer_u32(w, SMB_HEADER_LEN + 48);
    } else {
        writer_u8(w, SMB_HEADER_LEN + 16);
        writer_u8(w, 0);
    }
    writer_u32(w, (uint32_t)len);
    writer_zero(w, 8);
    writer_put(w, p->echo.data + p->echo_at, len);
    p->echo_at += len;
    return more ? (uint32_t)NT_STATUS_BUFFER_OVERFLOW : 0;
}

/* Is the signed question about what was asked for without a signature? [MS-SMB2] 3.3.5.15.12 */
static void validate(struct test_peer *p, const uint8_t *data, size_t len)
{
    const struct test_peer_offer *o = &p->offer;
    struct reader in;
    const uint8_t *guid;
    bool same;

    reader_init(&in, data, len);
    same = reader_u32(&in) == o->capabilities;
    guid = reader_take(&in, 16);
    same = same && guid && memcmp(guid, o->guid, 16) == 0 && reader_u16(&in) == o->mode &&
           reader_u16(&in) == o->dialect_count;
    for (unsigned i = 0; same && i < o->dialect_count; i++)
        same = reader_u16(&in) == o->dialects[i];
    p->validations++;
    p->bad_validations += !same || in.failed;
}

static void take_data(struct test_peer *p, const uint8_t *data, size_t len)
{
    if (p->serve)
        p->serve(p->serve_data, data, len, &p->echo);
    else
        writer_put(&p->echo, data, len);
}

static uint32_t control(struct test_peer *p, struct reader *in, const uint8_t *message, size_t len,
                        struct writer *w)
{
    uint32_t fsctl, offset, input_len;

    reader_take(in, 4);
    fsctl = reader_u32(in);
    reader_take(in, 16);
    offset = reader_u32(in);
    input_len = reader_u32(in);
    if (in->failed || offset > len || input_len > len - offset)
        return (uint32_t)NT_STATUS_INVALID_PARAMETER;
    if (fsctl == SMB_FSCTL_VALIDATE_NEGOTIATE_INFO && p->validation) {
        writer_u16(w, 9); /* an error response */
        writer_zero(w, 7);
        return p->validation;
    }
    if (fsctl == SMB_FSCTL_VALIDATE_NEGOTIATE_INFO) {
        validate(p, message + offset, input_len);
        p->echo_at = 0;
        writer_reset(&p->echo);
        writer_u32(&p->echo, p->dialect >= SMB_3_0 && p->cipher ? SMB_CAP_ENCRYPTION : 0);
        writer_put(&p->echo, p->guid, 16);
        writer_u16(&p->echo, 3);
        writer_u16(&p->echo, p->lie_in_validation ? SMB_3_1_1 : p->dialect);
    } else {
        take_data(p, message + offset, input_len);
    }
    return give(p, w, true, fsctl);
}

static uint32_t answer(struct test_peer *p, const struct smb_header *q, struct reader *in,
                       const uint8_t *message, size_t len, struct writer *w)
{
    switch (q->command) {
    case SMB_NEGOTIATE:
        return negotiate(p, in, message, len, w);
    case SMB_SESSION_SETUP:
        return session(p, in, message, len, w);
    case SMB_TREE_CONNECT:
        writer_u16(w, 16);
        writer_u8(w, 2);
        writer_zero(w, 13);
        return 0;
    case SMB_CREATE:
        writer_u16(w, 89);
        writer_zero(w, 62);
        writer_u64(w, 77);
        writer_u64(w, 88);
        writer_zero(w, 8);
        return 0;
    case SMB_IOCTL:
        return control(p, in, message, len, w);
    case SMB_READ:
        return give(p, w, false, 0);
    case SMB_WRITE: {
        uint32_t data_len;

        if (p->write_status) {
            writer_u16(w, 9); /* an error response */
            writer_zero(w, 7);
            return p->write_status;
        }
        reader_take(in, 4);
        data_len = reader_u32(in);
        if (in->failed || data_len > len - SMB_HEADER_LEN - 48)
            return (uint32_t)NT_STATUS_INVALID_PARAMETER;
        p->writes++;
        take_data(p, message + SMB_HEADER_LEN + 48, data_len);
        writer_u16(w, 17);
        writer_zero(w, 14);
        return 0;
    }
    default:
        writer_u16(w, 4);
        writer_u16(w, 0);
        return 0;
    }
}

/* READs that waited, the oldest first. */
static void answer_waiting(struct test_peer *p, struct writer *out)
{
    while (p->waiting_count && p->echo_at < p->echo.len) {
        struct smb_header h = answer_header(p, &p->waiting[0], 0);
        struct writer body;

        writer_init(&body, 16 << 20);
        h.status = give(p, &body, false, 0);
        test_peer_frame(p, &h, body.data, body.len, out);
        writer_deinit(&body);
        memmove(p->waiting, p->waiting + 1, --p->waiting_count * sizeof(p->waiting[0]));
    }
}

/* What a related request must look like, and what it is about. */
static void check_related(struct test_peer *p, const struct smb_header *q, const uint8_t *message, size_t len)
{
    static const uint8_t same[16] = {255, 255, 255, 255, 255, 255, 255, 255,
                                     255, 255, 255, 255, 255, 255, 255, 255};

    if (!(q->flags & SMB_FLAG_RELATED) || q->tree_id != UINT32_MAX || q->session_id != SESSION)
        p->bad_chains++;
    if (q->command == SMB_IOCTL && (len < 88 || memcmp(message + 72, same, 16) != 0))
        p->bad_chains++;
}

static bool refuses(const struct test_peer *p, const struct smb_header *q)
{
    if ((q->flags & SMB_FLAG_RELATED) && p->chain.failed)
        return true;
    if (!p->refuse || (p->refuse_only && q->command != p->refuse_only))
        return false;
    return (q->flags & SMB_FLAG_RELATED) || (p->chain.related && p->refuse_first);
}

static int take_one(struct test_peer *p, uint8_t *message, size_t len, struct writer *out)
{
    struct smb_header q, h;
    struct writer body;
    struct reader in;

    reader_init(&in, message, len);
    if (!smb_header_get(&in, &q) || (q.flags & SMB_FLAG_RESPONSE))
        return 1;
    if (p->keys.present && !p->encrypting) {
        uint8_t signature[16];

        smb_sign(&p->keys, message, len, q.message_id, false, q.command == SMB_CANCEL, signature);
        if (!(q.flags & SMB_FLAG_SIGNED) || memcmp(signature, message + SMB_SIGNATURE_OFFSET, 16) != 0)
            p->bad_signatures++;
    }
    p->commands[q.command & 31]++;
    if (q.command == SMB_CANCEL) {
        p->cancels++;
        return 0;
    }
    if (p->patient && q.command == SMB_READ && p->echo_at == p->echo.len && p->waiting_count < 64) {
        p->waiting[p->waiting_count++] = q;
        return 0;
    }
    if (!p->keys.present)
        smb_preauth_update(p->preauth, message, len);
    writer_init(&body, 16 << 20);
    h = answer_header(p, &q, 0);
    if (p->pending && (q.command == SMB_IOCTL || q.command == SMB_READ)) {
        struct smb_header interim = h;

        interim.status = SMB_STATUS_PENDING;
        interim.flags = SMB_FLAG_RESPONSE | SMB_FLAG_ASYNC;
        interim.async_id = 99;
        test_peer_frame(p, &interim, "\x09\0\0\0\0\0\0\0\0", 9, out);
    }
    if ((q.command == SMB_TREE_CONNECT && p->refuse_tree) || (q.command == SMB_CREATE && p->refuse_create)) {
        h.status = q.command == SMB_CREATE ? p->refuse_create : p->refuse_tree;
        p->chain.failed = true;
        writer_put(&body, "\x09\0\0\0\0\0\0\0\0", 9);
    } else if (refuses(p, &q)) {
        h.status = p->refuse ? p->refuse : (uint32_t)NT_STATUS_INVALID_PARAMETER;
        p->chain.failed = true;
        writer_put(&body, "\x09\0\0\0\0\0\0\0\0", 9);
    } else {
        h.status = answer(p, &q, &in, message, len, &body);
    }
    h.flags = answer_header(p, &q, 0).flags;
    add(p, &h, body.data, body.len);
    writer_deinit(&body);
    if (!p->keys.present || q.command == SMB_SESSION_SETUP) {
        size_t frame = out->len;

        flush(p, out);
        if (q.command == SMB_NEGOTIATE || h.status == SMB_STATUS_MORE_PROCESSING)
            smb_preauth_update(p->preauth, out->data + frame + 4, out->len - frame - 4);
    }
    if (q.command == SMB_WRITE)
        answer_waiting(p, out);
    return out->failed ? -ENOMEM : 0;
}

static int take_frame(struct test_peer *p, uint8_t *message, size_t len, struct writer *out)
{
    struct smb_header q = {0};
    struct reader in;
    unsigned count = 0;
    int r = 0;

    if (p->keys.present && p->cipher && len >= 4 && memcmp(message, "\xfdSMB", 4) == 0)
        p->encrypting = true; /* from now on: it has been asked for */
    if (p->encrypting) {
        if (len < SMB_TRANSFORM_LEN + SMB_HEADER_LEN ||
            !smb_decrypt(&p->keys, message, message + SMB_TRANSFORM_LEN, len - SMB_TRANSFORM_LEN))
            return 1;
        message += SMB_TRANSFORM_LEN;
        len -= SMB_TRANSFORM_LEN;
    }
    p->chain.failed = false;
    do {
        reader_init(&in, message, len);
        if (!smb_header_get(&in, &q) || q.next > len || q.next % 8)
            return 1;
        p->chain.related = q.next || count;
        if (count++)
            check_related(p, &q, message, q.next ? q.next : len);
        r = take_one(p, message, q.next ? q.next : len, out);
        message += q.next;
        len -= q.next;
    } while (r == 0 && q.next);
    flush(p, out);
    p->chains += count > 1;
    return r;
}

int test_peer_take(struct test_peer *p, const void *data, size_t len, struct writer *out)
{
    size_t at = 0;
    int r = 0;

    writer_put(&p->in, data, len);
    while (r == 0 && p->in.len - at >= 4) {
        const uint8_t *head = p->in.data + at;
        size_t frame = (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];

        if (frame > p->in.len - at - 4)
            break;
        r = take_frame(p, p->in.data + at + 4, frame, out);
        at += 4 + frame;
    }
    memmove(p->in.data, p->in.data + at, p->in.len - at);
    p->in.len -= at;
    return r;
}
