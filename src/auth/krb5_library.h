/* SPDX-License-Identifier: MIT */
/*
 * MIT's Kerberos libraries, loaded when the first context needs them: most programs never do, and seven
 * libraries cost each of them time at its start. So they need not even be installed.
 *
 * After krb5_library_load() has said true, the functions are called by their own names: the macros below lead
 * them through the table.
 */
#ifndef AUTH_KRB5_LIBRARY_H
#define AUTH_KRB5_LIBRARY_H

#include <stdbool.h>

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <krb5.h>

/* functions, and objects (const gss_OID) */
#define KRB5_FUNCTION_TABLE(X)        \
    X(gss_accept_sec_context)         \
    X(gss_acquire_cred_from)          \
    X(gss_acquire_cred_with_password) \
    X(gss_delete_sec_context)         \
    X(gss_display_name)               \
    X(gss_display_status)             \
    X(gss_get_mic)                    \
    X(gss_get_mic_iov)                \
    X(gss_get_mic_iov_length)         \
    X(gss_get_name_attribute)         \
    X(gss_import_name)                \
    X(gss_init_sec_context)           \
    X(gss_inquire_context)            \
    X(gss_inquire_sec_context_by_oid) \
    X(gss_release_buffer)             \
    X(gss_release_buffer_set)         \
    X(gss_release_cred)               \
    X(gss_release_name)               \
    X(gss_set_cred_option)            \
    X(gss_unwrap_iov)                 \
    X(gss_verify_mic)                 \
    X(gss_verify_mic_iov)             \
    X(gss_wrap_iov)                   \
    X(gss_wrap_iov_length)            \
    X(krb5_cc_destroy)                \
    X(krb5_cc_resolve)                \
    X(krb5_free_context)              \
    X(krb5_free_default_realm)        \
    X(krb5_free_error)                \
    X(krb5_free_error_message)        \
    X(krb5_free_principal)            \
    X(krb5_free_unparsed_name)        \
    X(krb5_get_default_realm)         \
    X(krb5_get_error_message)         \
    X(krb5_init_context)              \
    X(krb5_rd_error)                  \
    X(krb5_sname_to_principal)        \
    X(krb5_unparse_name)
#define KRB5_OBJECT_TABLE(X)       \
    X(GSS_C_INQ_SSPI_SESSION_KEY)  \
    X(GSS_KRB5_CRED_NO_CI_FLAGS_X) \
    X(gss_mech_krb5) X(gss_mech_set_krb5) X(gss_nt_krb5_name)

#define X(name) __typeof__(name) *name;
struct krb5_library {
    KRB5_FUNCTION_TABLE(X)
    KRB5_OBJECT_TABLE(X)
};
#undef X

extern struct krb5_library krb5_library;

/* false: not installed, or too old. Any thread may call it; only the first call loads. */
bool krb5_library_load(void);

#ifndef KRB5_LIBRARY_TABLES_ONLY
#define gss_accept_sec_context krb5_library.gss_accept_sec_context
#define gss_acquire_cred_from krb5_library.gss_acquire_cred_from
#define gss_acquire_cred_with_password krb5_library.gss_acquire_cred_with_password
#define gss_delete_sec_context krb5_library.gss_delete_sec_context
#define gss_display_name krb5_library.gss_display_name
#define gss_display_status krb5_library.gss_display_status
#define gss_get_mic krb5_library.gss_get_mic
#define gss_get_mic_iov krb5_library.gss_get_mic_iov
#define gss_get_mic_iov_length krb5_library.gss_get_mic_iov_length
#define gss_get_name_attribute krb5_library.gss_get_name_attribute
#define gss_import_name krb5_library.gss_import_name
#define gss_init_sec_context krb5_library.gss_init_sec_context
#define gss_inquire_context krb5_library.gss_inquire_context
#define gss_inquire_sec_context_by_oid krb5_library.gss_inquire_sec_context_by_oid
#define gss_release_buffer krb5_library.gss_release_buffer
#define gss_release_buffer_set krb5_library.gss_release_buffer_set
#define gss_release_cred krb5_library.gss_release_cred
#define gss_release_name krb5_library.gss_release_name
#define gss_set_cred_option krb5_library.gss_set_cred_option
#define gss_unwrap_iov krb5_library.gss_unwrap_iov
#define gss_verify_mic krb5_library.gss_verify_mic
#define gss_verify_mic_iov krb5_library.gss_verify_mic_iov
#define gss_wrap_iov krb5_library.gss_wrap_iov
#define gss_wrap_iov_length krb5_library.gss_wrap_iov_length
#define krb5_cc_destroy krb5_library.krb5_cc_destroy
#define krb5_cc_resolve krb5_library.krb5_cc_resolve
#define krb5_free_context krb5_library.krb5_free_context
#define krb5_free_default_realm krb5_library.krb5_free_default_realm
#define krb5_free_error krb5_library.krb5_free_error
#define krb5_free_error_message krb5_library.krb5_free_error_message
#define krb5_free_principal krb5_library.krb5_free_principal
#define krb5_free_unparsed_name krb5_library.krb5_free_unparsed_name
#define krb5_get_default_realm krb5_library.krb5_get_default_realm
#define krb5_get_error_message krb5_library.krb5_get_error_message
#define krb5_init_context krb5_library.krb5_init_context
#define krb5_rd_error krb5_library.krb5_rd_error
#define krb5_sname_to_principal krb5_library.krb5_sname_to_principal
#define krb5_unparse_name krb5_library.krb5_unparse_name
#define GSS_C_INQ_SSPI_SESSION_KEY (*krb5_library.GSS_C_INQ_SSPI_SESSION_KEY)
#define GSS_KRB5_CRED_NO_CI_FLAGS_X (*krb5_library.GSS_KRB5_CRED_NO_CI_FLAGS_X)
#define gss_mech_krb5 (*krb5_library.gss_mech_krb5)
#define gss_mech_set_krb5 (*krb5_library.gss_mech_set_krb5)
#define gss_nt_krb5_name (*krb5_library.gss_nt_krb5_name)
#endif

#endif
