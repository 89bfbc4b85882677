/* SPDX-License-Identifier: MIT */
/*
 * SESSION_SETUP with as many rounds as the authentication asks for, TREE_CONNECT to IPC$, and, below 3.1.1,
 * the signed question whether the negotiation was tampered with ([MS-SMB2] 3.2.5.3, 3.2.5.5, 3.2.5.14.12).
 */
#include <errno.h>

#include "smb/internal.h"

#define ERROR_SEVERITY 0xC0000000u /* statuses from here on are errors */
#define GUEST_BLOCKED 0xC00704F8u  /* ERROR_SMB_GUEST_LOGON_BLOCKED, which is no NTSTATUS of its own */

static int fail_auth(struct smb_client *c, int result)
{
    c->info.auth_result = result;
    return smb_fail(c, auth_nt_status(result));
}

int smb_session_send(struct smb_client *c, const uint8_t *token, size_t len)
{
    struct smb_building b;
    struct writer out, *w = &c->output;
    int r;

    writer_init(&out, AUTH_TOKEN_MAX);
    r = auth_step(c->auth, token, len, &out);
    if ((r && r != AUTH_CONTINUE) || out.failed) {
        writer_deinit(&out);
        return fail_auth(c, r && r != AUTH_CONTINUE ? r : -ENOMEM);
    }
    r = smb_begin(c, SMB_SESSION_SETUP, 0, &b);
    if (r == 0) {
        writer_u16(w, 25);
        writer_u8(w, 0);
        writer_u8(w, SMB_NEGOTIATE_SIGNING_ENABLED | SMB_NEGOTIATE_SIGNING_REQUIRED);
        writer_u32(w, 0); /* capabilities: none of them is for pipes */
        writer_u32(w, 0);
        writer_u16(w, SMB_HEADER_LEN + 24);
        writer_u16(w, (uint16_t)out.len);
        writer_u64(w, 0);
        writer_put(w, out.data, out.len);
        r = smb_end(c, &b, NULL);
    }
    writer_deinit(&out);
    return r;
}

static int ready(struct smb_client *c)
{
    c->state = SMB_STATE_READY;
    return smb_event_add(c, SMB_EVENT_READY, 0, NT(STATUS_SUCCESS), (struct smb_file_id){0}, NULL, 0);
}

/* The last leg: our side must be content too, and the server must prove that it has the key. */
static int established(struct smb_client *c, struct smb_response *r, uint16_t flags)
{
    size_t len = 0;
    const uint8_t *key = auth_session_key(c->auth, &len);
    bool is_signed = r->header.flags & SMB_FLAG_SIGNED;

    /* not who we asked to be: nothing would be protected */
    if (flags & SMB_SESSION_GUEST)
        return smb_fail(c, NT_STATUS(GUEST_BLOCKED));
    if ((flags & SMB_SESSION_NULL) && !c->anonymous)
        return smb_fail(c, NT(STATUS_ACCESS_DENIED));
    /* nobody has no secret to sign with: Windows says so by the flag, Samba by not signing */
    if (key && len && !(flags & SMB_SESSION_NULL) && (is_signed || !c->anonymous)) {
        smb_keys_derive(&c->keys, c->info.dialect, key, len, c->preauth);
        if (!is_signed || !smb_verify(&c->keys, r->message, r->len, r->header.message_id))
            return SMB_E_PROTOCOL;
    } else if (!c->anonymous) {
        return smb_fail(c, NT(STATUS_ACCESS_DENIED));
    }
    if ((flags & SMB_SESSION_ENCRYPT) && !c->info.cipher)
        return smb_disagree(c, SMB_MUST_NOT_ENCRYPT);
    c->encrypting = c->keys.present && c->info.cipher != 0;
    if (c->encryption == SMB_ENCRYPT_REQUIRED && !c->encrypting)
        return smb_disagree(c, SMB_NO_KEY);
    /* 3.1.1 is protected by the preauthentication hash; an anonymous session has no key to protect the
     * question whether the negotiation was changed. Then IPC$ can wait for the first pipe. */
    if (c->info.dialect == SMB_3_1_1 || !c->keys.present)
        return ready(c);
    c->state = SMB_STATE_TREE;
    return smb_tree_send(c);
}

int smb_session_receive(struct smb_client *c, struct smb_response *r)
{
    struct reader *in = &r->body;
    uint16_t flags, offset, len;
    const uint8_t *token;

    if (r->header.status && r->header.status != SMB_STATUS_MORE_PROCESSING)
        return smb_fail(c, NT_STATUS(r->header.status));
    if (reader_u16(in) != 9)
        return SMB_E_PROTOCOL;
    flags = reader_u16(in);
    offset = reader_u16(in);
    len = reader_u16(in);
    token = smb_slice(r, offset, len);
    if (in->failed || !token)
        return SMB_E_PROTOCOL;
    c->session_id = r->header.session_id;
    if (r->header.status == SMB_STATUS_MORE_PROCESSING) {
        smb_preauth_update(c->preauth, r->message, r->len);
        return smb_session_send(c, token, len);
    }
    if (!auth_established(c->auth)) {
        struct writer out;
        int rc;

        writer_init(&out, AUTH_TOKEN_MAX);
        rc = auth_step(c->auth, token, len, &out);
        writer_deinit(&out);
        if (rc) /* the server is content and we are not: it has not proved who it is */
            return fail_auth(c, rc == AUTH_CONTINUE ? AUTH_E_TOKEN : rc);
    }
    return established(c, r, flags);
}

int smb_tree_send(struct smb_client *c)
{
    struct smb_building b;
    struct writer *w = &c->output;
    int r = smb_begin(c, SMB_TREE_CONNECT, 0, &b);

    if (r)
        return r;
    writer_u16(w, 9);
    writer_u16(w, 0);
    writer_u16(w, SMB_HEADER_LEN + 8);
    writer_u16(w, (uint16_t)(c->share_chars * 2));
    writer_put(w, c->share, c->share_chars * 2);
    c->tree = SMB_TREE_ASKED;
    return smb_end(c, &b, NULL);
}

static int take_tree(struct smb_client *c, struct smb_response *r)
{
    enum { TYPE_PIPE = 2 };
    struct reader *in = &r->body;
    uint32_t flags;
    uint8_t type;

    if (reader_u16(in) != 16)
        return SMB_E_PROTOCOL;
    type = reader_u8(in);
    reader_u8(in);
    flags = reader_u32(in);
    if (in->failed || type != TYPE_PIPE)
        return SMB_E_PROTOCOL;
    c->tree_id = r->header.tree_id;
    if ((flags & SMB_SHARE_ENCRYPT) && !c->encrypting)
        return smb_disagree(c, SMB_MUST_NOT_ENCRYPT);
    c->tree = SMB_TREE_CONNECTED;
    return 0;
}

int smb_tree_receive(struct smb_client *c, struct smb_response *r)
{
    int rc = r->header.status ? smb_fail(c, NT_STATUS(r->header.status)) : take_tree(c, r);

    if (rc || c->state == SMB_STATE_CLOSED)
        return rc;
    c->state = SMB_STATE_VALIDATE;
    return smb_validate_send(c);
}

int smb_tree_connected(struct smb_client *c, struct smb_response *r, const struct smb_request *request)
{
    if (r->header.status && request->chained) { /* perhaps only because of its company */
        c->tree = SMB_TREE_NONE;
        c->no_chains = true;
        return 0;
    }
    return r->header.status ? smb_fail(c, NT_STATUS(r->header.status)) : take_tree(c, r);
}

int smb_validate_send(struct smb_client *c)
{
    struct smb_building b;
    struct writer *w = &c->output;
    uint32_t len = 24u + 2u * c->dialect_count;
    int r = smb_begin(c, SMB_IOCTL, len, &b);

    if (r)
        return r;
    b.request->fsctl = SMB_FSCTL_VALIDATE_NEGOTIATE_INFO;
    writer_u16(w, 57);
    writer_u16(w, 0);
    writer_u32(w, SMB_FSCTL_VALIDATE_NEGOTIATE_INFO);
    writer_u64(w, UINT64_MAX);
    writer_u64(w, UINT64_MAX);
    writer_u32(w, SMB_HEADER_LEN + 56);
    writer_u32(w, len);
    writer_u32(w, 0);
    writer_u32(w, 0);
    writer_u32(w, 0);
    writer_u32(w, 24); /* longest answer */
    writer_u32(w, 1);  /* an FSCTL */
    writer_u32(w, 0);
    writer_u32(w, c->client_capabilities);
    writer_put(w, c->client_guid, 16);
    writer_u16(w, SMB_NEGOTIATE_SIGNING_ENABLED | SMB_NEGOTIATE_SIGNING_REQUIRED);
    writer_u16(w, c->dialect_count);
    for (size_t i = 0; i < c->dialect_count; i++)
        writer_u16(w, c->dialects[i]);
    return smb_end(c, &b, NULL);
}

int smb_validate_receive(struct smb_client *c, struct smb_response *r)
{
    struct reader *in = &r->body, out;
    uint32_t offset, len, capabilities;
    const uint8_t *data, *guid;
    uint16_t mode, dialect;

    /* a server that knows the question and sees that the negotiation was changed does not answer it */
    if (r->header.status == (uint32_t)NT_STATUS_ACCESS_DENIED)
        return SMB_E_PROTOCOL;
    /* any other error, signed, proves that nobody changed it: an old server has no such control */
    if (r->header.status && r->header.status < ERROR_SEVERITY)
        return SMB_E_PROTOCOL;
    if (r->header.status)
        return ready(c);
    reader_u16(in);
    reader_u16(in);
    reader_u32(in);
    reader_take(in, 16);
    reader_u64(in);
    offset = reader_u32(in);
    len = reader_u32(in);
    data = smb_slice(r, offset, len);
    if (in->failed || !data)
        return SMB_E_PROTOCOL;
    reader_init(&out, data, len);
    capabilities = reader_u32(&out);
    guid = reader_take(&out, 16);
    mode = reader_u16(&out);
    dialect = reader_u16(&out);
    if (out.failed || capabilities != c->server_capabilities || memcmp(guid, c->info.server_guid, 16) != 0 ||
        mode != c->server_mode || dialect != c->info.dialect)
        return SMB_E_PROTOCOL;
    return ready(c);
}
