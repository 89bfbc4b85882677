/* SPDX-License-Identifier: MIT */
/*
 * The SMB client's frame: messages in and out, credits, signatures and encryption, which answer belongs to
 * which request, and in which state which answer is legal. The exchanges themselves are in the files beside
 * this one.
 */
#include "smb/client.h"

#include <errno.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/utf16.h"
#include "smb/internal.h"

#define FRAME_LEN 4         /* of the direct TCP transport ([MS-SMB2] 2.1) */
#define CREDIT_UNIT 65536u  /* bytes of payload that a credit pays for */
#define CREDITS_WANTED 128u /* in reserve */
#define CREDITS_MAX 8192u   /* more than that is not counted */
#define OUTPUT_LIMIT ((size_t)16 << 20)
#define STATUS_SESSION_EXPIRED 0xC000035Cu

static const uint8_t transform_id[4] = {0xFD, 'S', 'M', 'B'};

static int copy_names(struct smb_client *c, const char *server)
{
    struct arena arena;
    size_t chars = 0;
    bool invalid = false;
    uint16_t *name;
    int r = -ENOMEM;

    arena_init(&arena, 65536);
    name = utf16_from_utf8(&arena, server, strlen(server), &chars, &invalid);
    if (invalid || chars == 0 || chars > 255)
        r = -EINVAL;
    else if (name && (c->server = calloc(chars, 2)) && (c->share = calloc(chars + 7, 2))) {
        memcpy(c->server, name, chars * 2);
        c->server_chars = chars;
        c->share[0] = c->share[1] = '\\';
        memcpy(c->share + 2, name, chars * 2);
        memcpy(c->share + 2 + chars, u"\\IPC$", 10);
        c->share_chars = chars + 7;
        r = 0;
    }
    arena_deinit(&arena);
    return r;
}

int smb_client_new(struct smb_client **out, const struct smb_config *config)
{
    struct smb_client *c = calloc(1, sizeof(*c));
    int r;

    *out = NULL;
    if (!c)
        return -ENOMEM;
    c->auth = config->auth;
    c->anonymous = config->anonymous;
    c->encryption = config->encryption;
    c->credits = 1;
    writer_init(&c->input, SMB_MAX_MESSAGE + FRAME_LEN);
    writer_init(&c->output, OUTPUT_LIMIT);
    r = copy_names(c, config->server);
    r = r ? r : smb_negotiate_prepare(c, config);
    r = r ? r : smb_negotiate_send(c);
    if (r) {
        smb_client_free(c);
        return r;
    }
    *out = c;
    return 0;
}

void smb_client_free(struct smb_client *c)
{
    if (!c)
        return;
    while (c->first) {
        struct smb_queued *next = c->first->next;

        free(c->first);
        c->first = next;
    }
    free(c->taken);
    free(c->server);
    free(c->share);
    writer_deinit(&c->input);
    writer_deinit(&c->output);
    smb_keys_wipe(&c->keys);
    explicit_bzero(c, sizeof(*c));
    free(c);
}

const struct smb_info *smb_client_info(const struct smb_client *c)
{
    return &c->info;
}

int smb_event_add(struct smb_client *c, enum smb_event_type type, uint64_t request, struct nt_status status,
                  struct smb_file_id file, const void *data, size_t len)
{
    struct smb_queued *q = malloc(sizeof(*q) + len);

    if (!q)
        return -ENOMEM;
    *q = (struct smb_queued){
        .event = {
            .type = type, .request = request, .status = status, .file = file, .data = q->data, .len = len}};
    if (len)
        memcpy(q->data, data, len);
    if (c->last)
        c->last->next = q;
    else
        c->first = q;
    c->last = q;
    return 0;
}

bool smb_client_next(struct smb_client *c, struct smb_event *event)
{
    struct smb_queued *q = c->first;

    free(c->taken);
    c->taken = q;
    if (!q)
        return false;
    c->first = q->next;
    if (!c->first)
        c->last = NULL;
    *event = q->event;
    return true;
}

int smb_fail(struct smb_client *c, struct nt_status status)
{
    c->state = SMB_STATE_CLOSED;
    return smb_event_add(c, SMB_EVENT_FAILED, 0, status, (struct smb_file_id){0}, NULL, 0);
}

int smb_disagree(struct smb_client *c, enum smb_disagreement about)
{
    c->info.disagreement = about;
    return smb_fail(c, NT(STATUS_NOT_SUPPORTED));
}

const uint8_t *smb_slice(const struct smb_response *r, uint32_t offset, uint32_t len)
{
    if (len == 0)
        return r->message;
    return offset < SMB_HEADER_LEN || offset > r->len || len > r->len - offset ? NULL : r->message + offset;
}

/* Sending. */

static struct smb_request *free_request(struct smb_client *c)
{
    for (size_t i = 0; i < SMB_MAX_REQUESTS; i++)
        if (!c->requests[i].used)
            return &c->requests[i];
    return NULL;
}

/* Everything in front of the body: frame and room for a transform header, or alignment in a chain; header. */
static void put_front(struct smb_client *c, const struct smb_header *h, size_t *start)
{
    unsigned n = c->frame.count;

    if (n == 0) {
        writer_zero(&c->output, FRAME_LEN + (c->encrypting ? SMB_TRANSFORM_LEN : 0));
    } else {
        writer_align_from(&c->output, c->frame.start[0], 8);
        writer_patch_u32(&c->output, c->frame.start[n - 1] + SMB_NEXT_OFFSET,
                         (uint32_t)(c->output.len - c->frame.start[n - 1]));
    }
    *start = c->output.len;
    c->frame.start[n] = *start;
    c->frame.message_id[n] = h->message_id;
    c->frame.count++;
    smb_header_put(&c->output, h);
}

int smb_begin(struct smb_client *c, uint16_t command, size_t payload, struct smb_building *b)
{
    bool charged = c->info.dialect > SMB_2_0_2; /* and so not in NEGOTIATE, where it is 0 */
    uint32_t charge = charged ? 1 + (uint32_t)(payload ? (payload - 1) / CREDIT_UNIT : 0) : 0;
    uint32_t cost = charge ? charge : 1;
    struct smb_request *request = free_request(c);
    struct smb_header h = {.command = command, .message_id = c->next_message_id, .session_id = c->session_id};

    if (!request || cost > c->credits)
        return SMB_E_CREDITS;
    h.credit_charge = (uint16_t)charge;
    h.credits = (uint16_t)(cost + (c->credits < CREDITS_WANTED ? CREDITS_WANTED - c->credits : 0));
    h.tree_id = command > SMB_TREE_CONNECT && command != SMB_ECHO ? c->tree_id : 0;
    h.flags = c->keys.present && !c->encrypting ? SMB_FLAG_SIGNED : 0;
    if (c->frame.count) { /* of the request before it, whose tree is perhaps being connected */
        h.flags |= SMB_FLAG_RELATED;
        h.tree_id = UINT32_MAX;
    }
    put_front(c, &h, &b->start);
    *request = (struct smb_request){
        .message_id = h.message_id, .command = command, .charge = (uint16_t)cost, .chained = c->frame.open};
    b->request = request;
    return 0;
}

/* Each message of the frame with what follows it up to the next one. */
static void sign_frame(struct smb_client *c, bool cancel)
{
    for (unsigned i = 0; i < c->frame.count; i++) {
        size_t start = c->frame.start[i],
               end = i + 1 < c->frame.count ? c->frame.start[i + 1] : c->output.len;
        uint8_t signature[SMB_SIGNATURE_LEN], *message = c->output.data + start;

        smb_sign(&c->keys, message, end - start, c->frame.message_id[i], false, cancel, signature);
        memcpy(message + SMB_SIGNATURE_OFFSET, signature, sizeof(signature));
    }
}

static void encrypt_frame(struct smb_client *c, uint8_t *message, size_t len)
{
    uint8_t *transform = message - SMB_TRANSFORM_LEN;
    struct writer w;

    writer_init_fixed(&w, transform, SMB_TRANSFORM_LEN);
    writer_put(&w, transform_id, 4);
    writer_zero(&w, 32); /* signature and nonce */
    writer_u32(&w, (uint32_t)len);
    writer_u16(&w, 0);
    writer_u16(&w, 1); /* encrypted */
    writer_u64(&w, c->session_id);
    smb_encrypt(&c->keys, transform, message, len);
}

/* Sign or encrypt what was written since the frame was begun, and close it. */
static void seal_frame(struct smb_client *c, bool cancel)
{
    uint8_t *message = c->output.data + c->frame.start[0], *front = message - FRAME_LEN;
    size_t len = c->output.len - c->frame.start[0];

    if (c->encrypting) {
        encrypt_frame(c, message, len);
        front -= SMB_TRANSFORM_LEN;
        len += SMB_TRANSFORM_LEN;
    } else if (c->keys.present) {
        sign_frame(c, cancel);
    }
    c->frame.count = 0;
    front[0] = 0;
    front[1] = (uint8_t)(len >> 16);
    front[2] = (uint8_t)(len >> 8);
    front[3] = (uint8_t)len;
}

int smb_end(struct smb_client *c, struct smb_building *b, uint64_t *id)
{
    struct smb_request *request = b->request;

    if (c->output.failed) {
        c->state = SMB_STATE_CLOSED; /* part of a message is in the output: nothing can follow it */
        return -ENOMEM;
    }
    request->used = true;
    c->credits -= request->charge;
    c->next_message_id += request->charge;
    if (request->command == SMB_NEGOTIATE || (request->command == SMB_SESSION_SETUP && !c->keys.present))
        smb_preauth_update(c->preauth, c->output.data + b->start, c->output.len - b->start);
    if (!c->frame.open)
        seal_frame(c, false);
    if (id)
        *id = request->message_id;
    return 0;
}

int smb_chain_begin(struct smb_client *c, unsigned count)
{
    unsigned free_requests = 0;

    for (size_t i = 0; i < SMB_MAX_REQUESTS && free_requests < count; i++)
        free_requests += !c->requests[i].used;
    if (c->credits < count || free_requests < count)
        return SMB_E_CREDITS;
    c->frame.open = true;
    return 0;
}

void smb_chain_end(struct smb_client *c)
{
    c->frame.open = false;
    if (c->state != SMB_STATE_CLOSED && c->frame.count)
        seal_frame(c, false);
}

int smb_client_cancel(struct smb_client *c, uint64_t request)
{
    struct smb_header h = {.command = SMB_CANCEL, .message_id = request, .session_id = c->session_id};
    struct smb_request *found = NULL;
    size_t start;

    for (size_t i = 0; i < SMB_MAX_REQUESTS && !found; i++)
        if (c->requests[i].used && c->requests[i].message_id == request)
            found = &c->requests[i];
    if (c->state != SMB_STATE_READY || !found)
        return SMB_E_STATE;
    h.flags =
        (c->keys.present && !c->encrypting ? SMB_FLAG_SIGNED : 0) | (found->pending ? SMB_FLAG_ASYNC : 0);
    h.async_id = found->async_id;
    h.tree_id = c->tree_id;
    put_front(c, &h, &start);
    writer_u16(&c->output, 4);
    writer_u16(&c->output, 0);
    if (c->output.failed) {
        c->state = SMB_STATE_CLOSED;
        return -ENOMEM;
    }
    seal_frame(c, true);
    return 0;
}

const uint8_t *smb_client_output(struct smb_client *c, size_t *len)
{
    *len = c->output.failed ? 0 : c->output.len - c->output_sent;
    return *len ? c->output.data + c->output_sent : NULL;
}

void smb_client_sent(struct smb_client *c, size_t len)
{
    c->output_sent += len;
    if (c->output_sent == c->output.len) {
        c->output_sent = 0;
        writer_reset(&c->output);
    }
}

/* Receiving. */

static struct smb_request *find_request(struct smb_client *c, const struct smb_header *h)
{
    for (size_t i = 0; i < SMB_MAX_REQUESTS; i++)
        if (c->requests[i].used && c->requests[i].message_id == h->message_id)
            return c->requests[i].command == h->command ? &c->requests[i] : NULL;
    return NULL;
}

static bool is_interim(const struct smb_header *h)
{
    return h->status == SMB_STATUS_PENDING && (h->flags & SMB_FLAG_ASYNC);
}

/* In each state, the one command whose answer moves it on; in READY, any. */
static int take_answer(struct smb_client *c, struct smb_response *r, const struct smb_request *request)
{
    static const struct {
        uint16_t command;
        int (*receive)(struct smb_client *c, struct smb_response *r);
    } steps[] = {
        [SMB_STATE_NEGOTIATE] = {SMB_NEGOTIATE, smb_negotiate_receive},
        [SMB_STATE_SESSION] = {SMB_SESSION_SETUP, smb_session_receive},
        [SMB_STATE_TREE] = {SMB_TREE_CONNECT, smb_tree_receive},
        [SMB_STATE_VALIDATE] = {SMB_IOCTL, smb_validate_receive},
    };

    if (r->header.status == STATUS_SESSION_EXPIRED)
        return smb_fail(c, NT_STATUS(STATUS_SESSION_EXPIRED));
    if (c->state == SMB_STATE_READY && request->command == SMB_TREE_CONNECT)
        return smb_tree_connected(c, r, request);
    if (c->state == SMB_STATE_READY)
        return smb_pipe_receive(c, r, request);
    if (c->state == SMB_STATE_CLOSED)
        return 0;
    if (steps[c->state].command != request->command)
        return SMB_E_PROTOCOL;
    return steps[c->state].receive(c, r);
}

/* One message, header first. `decrypted`: it came inside a transform header. */
static int take_message(struct smb_client *c, const uint8_t *message, size_t len, bool decrypted)
{
    struct smb_response r = {.message = message, .len = len};
    struct smb_request *request, copy;

    reader_init(&r.body, message, len);
    if (!smb_header_get(&r.body, &r.header) || !(r.header.flags & SMB_FLAG_RESPONSE))
        return SMB_E_PROTOCOL;
    if (r.header.message_id == UINT64_MAX)
        return 0; /* a break of an oplock: we have none */
    if (c->encrypting && !decrypted)
        return SMB_E_PROTOCOL;
    if (c->keys.present && !decrypted && !is_interim(&r.header) &&
        (!(r.header.flags & SMB_FLAG_SIGNED) || !smb_verify(&c->keys, message, len, r.header.message_id)))
        return SMB_E_PROTOCOL;
    request = find_request(c, &r.header);
    if (!request)
        return SMB_E_PROTOCOL;
    c->credits += r.header.credits;
    if (c->credits > CREDITS_MAX)
        c->credits = CREDITS_MAX;
    if (is_interim(&r.header)) {
        request->pending = true;
        request->async_id = r.header.async_id;
        return 0;
    }
    copy = *request;
    request->used = false;
    if (copy.command == SMB_NEGOTIATE)
        smb_preauth_update(c->preauth, message, len);
    return take_answer(c, &r, &copy);
}

/* A frame: one message, several chained by `next`, or a transform header around these. */
static int take_frame(struct smb_client *c, uint8_t *frame, size_t len)
{
    bool decrypted = false;
    int r = 0;

    if (len >= SMB_TRANSFORM_LEN && memcmp(frame, transform_id, 4) == 0) {
        struct reader in;

        reader_init(&in, frame, SMB_TRANSFORM_LEN);
        reader_take(&in, 36);
        if (!c->encrypting || reader_u32(&in) != len - SMB_TRANSFORM_LEN || reader_u16(&in) != 0 ||
            reader_u16(&in) != 1 || reader_u64(&in) != c->session_id ||
            !smb_decrypt(&c->keys, frame, frame + SMB_TRANSFORM_LEN, len - SMB_TRANSFORM_LEN))
            return SMB_E_PROTOCOL;
        frame += SMB_TRANSFORM_LEN;
        len -= SMB_TRANSFORM_LEN;
        decrypted = true;
    }
    while (r == 0) {
        struct smb_header h;
        struct reader in;

        reader_init(&in, frame, len);
        if (!smb_header_get(&in, &h) || (h.next && (h.next < SMB_HEADER_LEN || h.next >= len || h.next % 8)))
            return SMB_E_PROTOCOL;
        r = take_message(c, frame, h.next ? h.next : len, decrypted);
        if (!h.next)
            break;
        frame += h.next;
        len -= h.next;
    }
    return r;
}

int smb_client_input(struct smb_client *c, const void *data, size_t len)
{
    const uint8_t *at = data;
    int r = 0;

    while (r == 0) {
        const uint8_t *head = c->input.data;
        size_t have = c->input.len, need = FRAME_LEN, take;

        if (have >= FRAME_LEN) {
            size_t frame = (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];

            if (head[0] != 0 || frame < SMB_HEADER_LEN || frame > SMB_MAX_MESSAGE) {
                r = SMB_E_PROTOCOL;
                break;
            }
            need += frame;
        }
        if (have >= FRAME_LEN && have == need) {
            r = take_frame(c, c->input.data + FRAME_LEN, need - FRAME_LEN);
            writer_reset(&c->input);
            continue;
        }
        if (len == 0)
            break;
        take = need - have < len ? need - have : len;
        writer_put(&c->input, at, take);
        if (c->input.failed)
            r = -ENOMEM;
        at += take;
        len -= take;
    }
    if (r)
        c->state = SMB_STATE_CLOSED;
    return r;
}
