#pragma once
#include <curl/curl.h>

// Swift cannot call variadic C functions: one inline function for each kind of value that an option takes or gives.

static inline CURLcode ccurl_easy_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

// Sizes beyond 2 GiB have an option type of their own.
static inline CURLcode ccurl_easy_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

// Strings (which libcurl copies), header lists, buffers and the pointers handed to callbacks.
static inline CURLcode ccurl_easy_set_pointer(CURL *handle, CURLoption option, const void *value) {
    return curl_easy_setopt(handle, option, value);
}

// The read and the write callback have the same shape.
typedef size_t (*ccurl_transfer_callback)(char *bytes, size_t size, size_t count, void *context);
static inline CURLcode ccurl_easy_set_transfer_callback(CURL *handle, CURLoption option, ccurl_transfer_callback value) {
    return curl_easy_setopt(handle, option, value);
}

typedef int (*ccurl_seek_callback)(void *context, curl_off_t offset, int origin);
static inline CURLcode ccurl_easy_set_seek_callback(CURL *handle, ccurl_seek_callback value) {
    return curl_easy_setopt(handle, CURLOPT_SEEKFUNCTION, value);
}

static inline CURLcode ccurl_easy_get_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode ccurl_easy_get_offset(CURL *handle, CURLINFO info, curl_off_t *value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLMcode ccurl_multi_set_long(CURLM *handle, CURLMoption option, long value) {
    return curl_multi_setopt(handle, option, value);
}

typedef int (*ccurl_prerequest_callback)(
    void *context, char *server_address, char *own_address, int server_port, int own_port);
static inline CURLcode ccurl_easy_set_prerequest_callback(CURL *handle, ccurl_prerequest_callback value) {
    return curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, value);
}

static inline struct curl_certinfo *ccurl_easy_get_certificates(CURL *handle) {
    struct curl_certinfo *certificates = 0;
    return curl_easy_getinfo(handle, CURLINFO_CERTINFO, &certificates) == CURLE_OK ? certificates : 0;
}

// A function of OpenSSL: libcurl itself does not tell which version of TLS a connection has.
struct ssl_st;
const char *SSL_get_version(const struct ssl_st *connection);

static inline const char *ccurl_easy_get_tls_version(CURL *handle) {
    struct curl_tlssessioninfo *session = 0;
    if (curl_easy_getinfo(handle, CURLINFO_TLS_SSL_PTR, &session) != CURLE_OK || !session || !session->internals ||
        session->backend != CURLSSLBACKEND_OPENSSL)
        return 0;
    return SSL_get_version(session->internals);
}
