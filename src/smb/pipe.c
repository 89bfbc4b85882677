/* SPDX-License-Identifier: MIT */
/* Requests on pipes and what comes back: CREATE, CLOSE, READ, WRITE, FSCTL_PIPE_TRANSCEIVE, ECHO, CANCEL
 * ([MS-SMB2] 2.2.13 to 2.2.32). */
#include <errno.h>

#include "base/arena.h"
#include "base/utf16.h"
#include "smb/internal.h"

/* generic reading and writing, less what a pipe has no use for: what other clients ask too */
#define PIPE_ACCESS 0x0002019Fu
#define SHARE_READ_WRITE 3u
#define DISPOSITION_OPEN 1u
#define IMPERSONATION 2u
#define CHAIN_DATA_MAX 65536u

static int begin_ready(struct smb_client *c, uint16_t command, size_t payload, struct smb_building *b)
{
    bool in_tree = command != SMB_ECHO && command != SMB_LOGOFF;

    if (c->state != SMB_STATE_READY || (in_tree && c->tree != SMB_TREE_CONNECTED && !c->frame.open))
        return SMB_E_STATE;
    return smb_begin(c, command, payload, b);
}

static const struct smb_file_id related_file = {UINT64_MAX, UINT64_MAX};

static void put_file(struct writer *w, struct smb_file_id file)
{
    writer_u64(w, file.persistent);
    writer_u64(w, file.transient);
}

static int send_create(struct smb_client *c, const char *pipe, uint64_t *request)
{
    struct smb_building b;
    struct writer *w = &c->output;
    size_t chars = strlen(pipe);
    int r = begin_ready(c, SMB_CREATE, 0, &b);

    if (r)
        return r;
    writer_u16(w, 57);
    writer_u8(w, 0);
    writer_u8(w, 0); /* no oplock */
    writer_u32(w, IMPERSONATION);
    writer_u64(w, 0);
    writer_u64(w, 0);
    writer_u32(w, PIPE_ACCESS);
    writer_u32(w, 0);
    writer_u32(w, SHARE_READ_WRITE);
    writer_u32(w, DISPOSITION_OPEN);
    writer_u32(w, 0);
    writer_u16(w, SMB_HEADER_LEN + 56);
    writer_u16(w, (uint16_t)(chars * 2));
    writer_u32(w, 0);
    writer_u32(w, 0);
    for (size_t i = 0; i < chars; i++) /* names of pipes are ASCII */
        writer_u16(w, (uint8_t)pipe[i]);
    return smb_end(c, &b, request);
}

int smb_client_open(struct smb_client *c, const char *pipe, uint64_t *request)
{
    int r = 0;

    if (c->state == SMB_STATE_READY && c->tree != SMB_TREE_CONNECTED) {
        if (c->tree == SMB_TREE_NONE)
            r = smb_tree_send(c);
        return r ? r : SMB_E_CREDITS;
    }
    return send_create(c, pipe, request);
}

int smb_client_open_with(struct smb_client *c, const char *pipe, const void *data, size_t len,
                         uint32_t max_output, uint64_t *opening, uint64_t *request)
{
    unsigned count = c->tree == SMB_TREE_NONE ? 3 : 2;
    int r;

    if (c->state != SMB_STATE_READY || c->no_chains || len > CHAIN_DATA_MAX || len > c->info.max_transact)
        return SMB_E_STATE;
    if (max_output > CHAIN_DATA_MAX)
        max_output = CHAIN_DATA_MAX; /* one credit */
    r = c->tree == SMB_TREE_ASKED ? SMB_E_CREDITS : smb_chain_begin(c, count);
    if (r)
        return r;
    if (count == 3)
        r = smb_tree_send(c);
    r = r ? r : send_create(c, pipe, opening);
    r = r ? r : smb_client_transceive(c, related_file, data, len, max_output, request);
    smb_chain_end(c);
    return r;
}

int smb_client_transceive(struct smb_client *c, struct smb_file_id file, const void *data, size_t len,
                          uint32_t max_output, uint64_t *request)
{
    struct smb_building b;
    struct writer *w = &c->output;
    int r = len > c->info.max_transact ? SMB_E_STATE : 0;

    if (max_output > c->info.max_transact)
        max_output = c->info.max_transact;
    r = r ? r : begin_ready(c, SMB_IOCTL, len > max_output ? len : max_output, &b);
    if (r)
        return r;
    b.request->fsctl = SMB_FSCTL_PIPE_TRANSCEIVE;
    writer_u16(w, 57);
    writer_u16(w, 0);
    writer_u32(w, SMB_FSCTL_PIPE_TRANSCEIVE);
    put_file(w, file);
    writer_u32(w, SMB_HEADER_LEN + 56);
    writer_u32(w, (uint32_t)len);
    writer_u32(w, 0);
    writer_u32(w, 0);
    writer_u32(w, 0);
    writer_u32(w, max_output);
    writer_u32(w, 1);
    writer_u32(w, 0);
    writer_put(w, data, len);
    return smb_end(c, &b, request);
}

int smb_client_write(struct smb_client *c, struct smb_file_id file, const void *data, size_t len,
                     uint64_t *request)
{
    struct smb_building b;
    struct writer *w = &c->output;
    int r = len > c->info.max_write ? SMB_E_STATE : begin_ready(c, SMB_WRITE, len, &b);

    if (r)
        return r;
    writer_u16(w, 49);
    writer_u16(w, SMB_HEADER_LEN + 48);
    writer_u32(w, (uint32_t)len);
    writer_u64(w, 0);
    put_file(w, file);
    writer_u32(w, 0);
    writer_u32(w, 0);
    writer_u32(w, 0);
    writer_u32(w, 0);
    writer_put(w, data, len);
    return smb_end(c, &b, request);
}

int smb_client_read(struct smb_client *c, struct smb_file_id file, uint32_t len, uint64_t *request)
{
    struct smb_building b;
    struct writer *w = &c->output;
    int r;

    if (len > c->info.max_read)
        len = c->info.max_read;
    r = begin_ready(c, SMB_READ, len, &b);
    if (r)
        return r;
    writer_u16(w, 49);
    writer_u8(w, 0);
    writer_u8(w, 0);
    writer_u32(w, len);
    writer_u64(w, 0);
    put_file(w, file);
    writer_u32(w, 0);
    writer_u32(w, 0);
    writer_u32(w, 0);
    writer_u32(w, 0);
    writer_u8(w, 0); /* the body is never empty */
    return smb_end(c, &b, request);
}

int smb_client_close(struct smb_client *c, struct smb_file_id file, uint64_t *request)
{
    struct smb_building b;
    struct writer *w = &c->output;
    int r = begin_ready(c, SMB_CLOSE, 0, &b);

    if (r)
        return r;
    writer_u16(w, 24);
    writer_u16(w, 0);
    writer_u32(w, 0);
    put_file(w, file);
    return smb_end(c, &b, request);
}

/* ECHO, LOGOFF, TREE_DISCONNECT: a body of four bytes */
static int send_bare(struct smb_client *c, uint16_t command, bool silent, uint64_t *request)
{
    struct smb_building b;
    int r = begin_ready(c, command, 0, &b);

    if (r)
        return r;
    b.request->silent = silent;
    writer_u16(&c->output, 4);
    writer_u16(&c->output, 0);
    return smb_end(c, &b, request);
}

int smb_client_echo(struct smb_client *c, uint64_t *request)
{
    return send_bare(c, SMB_ECHO, false, request);
}

int smb_client_logoff(struct smb_client *c)
{
    int r = c->tree == SMB_TREE_CONNECTED ? send_bare(c, SMB_TREE_DISCONNECT, true, NULL) : 0;

    r = r ? r : send_bare(c, SMB_LOGOFF, true, NULL);
    if (r == 0)
        c->state = SMB_STATE_CLOSED;
    return r;
}

static int receive_create(struct smb_client *c, struct smb_response *r)
{
    struct reader *in = &r->body;
    struct smb_file_id file;

    if (reader_u16(in) != 89)
        return SMB_E_PROTOCOL;
    reader_take(in, 62); /* oplock, flags, action, times, sizes, attributes: nothing that a pipe has */
    file.persistent = reader_u64(in);
    file.transient = reader_u64(in);
    if (in->failed)
        return SMB_E_PROTOCOL;
    return smb_event_add(c, SMB_EVENT_OPENED, r->header.message_id, NT(STATUS_SUCCESS), file, NULL, 0);
}

static int receive_data(struct smb_client *c, struct smb_response *r, bool ioctl)
{
    struct reader *in = &r->body;
    uint32_t offset, len;
    const uint8_t *data;

    if (reader_u16(in) != (ioctl ? 49 : 17))
        return SMB_E_PROTOCOL;
    if (ioctl) {
        reader_u16(in);
        reader_u32(in);
        reader_take(in, 16);
        reader_u64(in);
        offset = reader_u32(in);
    } else {
        offset = reader_u8(in);
        reader_u8(in);
    }
    len = reader_u32(in);
    data = smb_slice(r, offset, len);
    if (in->failed || !data)
        return SMB_E_PROTOCOL;
    return smb_event_add(c, SMB_EVENT_DATA, r->header.message_id, NT_STATUS(r->header.status),
                         (struct smb_file_id){0}, data, len);
}

int smb_pipe_receive(struct smb_client *c, struct smb_response *r, const struct smb_request *request)
{
    bool has_data = request->command == SMB_READ || request->command == SMB_IOCTL;
    bool partial = has_data && r->header.status == (uint32_t)NT_STATUS_BUFFER_OVERFLOW;
    enum smb_event_type type = request->command == SMB_CREATE ? SMB_EVENT_OPENED
                               : has_data                     ? SMB_EVENT_DATA
                                                              : SMB_EVENT_DONE;

    if (request->silent)
        return 0;
    if (r->header.status == 0 || partial) {
        if (type == SMB_EVENT_OPENED)
            return receive_create(c, r);
        if (type == SMB_EVENT_DATA)
            return receive_data(c, r, request->command == SMB_IOCTL);
    }
    if (request->chained) /* perhaps only because of its company */
        c->no_chains = true;
    return smb_event_add(c, type, r->header.message_id, NT_STATUS(r->header.status), (struct smb_file_id){0},
                         NULL, 0);
}
