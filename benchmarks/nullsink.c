/* nullsink: a bulk endpoint that costs as little as it can, so that a benchmark measures the services and not it.
 *
 * One thread, epoll, HTTP/1.1 with kept-alive connections, on the loopback only. Bodies must have a Content-Length
 * and be plain. `POST …/_bulk` is answered like OpenSearch does: an item for each document, 201 for a new id and 409
 * for one that was there; a filter_path in the query that does not name `_id` leaves only status and error of each.
 * Everything else is answered 200 with a small JSON object.
 *
 *   nullsink PORT
 *
 * GET /stats gives {"requests":…,"documents":…,"distinct":…,"bytes":…,"malformed":…}; SIGTERM ends it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_BYTES_MAX (256u << 20)

struct buffer {
    char *bytes;
    size_t count, capacity;
};

struct connection {
    int descriptor;
    struct buffer input, output;
    size_t sent; /* of output */
    int close_when_sent;
};

static struct {
    uint64_t requests, documents, distinct, bytes, malformed;
} counters;

static void *checked(void *pointer) {
    if (!pointer) {
        perror("nullsink: memory");
        exit(1);
    }
    return pointer;
}

static void reserve(struct buffer *buffer, size_t more) {
    if (buffer->capacity - buffer->count >= more) return;
    size_t capacity = buffer->capacity ? buffer->capacity : 64 << 10;
    while (capacity - buffer->count < more) capacity *= 2;
    buffer->bytes = checked(realloc(buffer->bytes, capacity));
    buffer->capacity = capacity;
}

static void append(struct buffer *buffer, const char *bytes, size_t count) {
    reserve(buffer, count);
    memcpy(buffer->bytes + buffer->count, bytes, count);
    buffer->count += count;
}

#define APPEND_TEXT(buffer, text) append((buffer), (text), sizeof(text) - 1)

/* The ids seen so far, as 64-bit hashes in an open table: 16 bytes or less for each, whatever the id's length. */
static uint64_t *table;
static size_t table_size, table_used;

static uint64_t hash(const char *bytes, size_t count) {
    uint64_t value = 0x9E3779B97F4A7C15u ^ count;
    while (count >= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        value = (value ^ word) * 0xBF58476D1CE4E5B9u;
        value ^= value >> 29;
        bytes += 8;
        count -= 8;
    }
    while (count--) value = (value ^ (unsigned char)*bytes++) * 0x94D049BB133111EBu;
    value ^= value >> 32;
    return value ? value : 1;
}

static int insert_hash(uint64_t value) {
    size_t place = value & (table_size - 1);
    while (table[place]) {
        if (table[place] == value) return 0;
        place = (place + 1) & (table_size - 1);
    }
    table[place] = value;
    table_used++;
    return 1;
}

/* 1 when the id is new. */
static int insert_id(const char *id, size_t count) {
    if (table_used * 10 >= table_size * 7) {
        uint64_t *old = table;
        size_t old_size = table_size;
        table_size = old_size ? old_size * 2 : 1 << 20;
        table = checked(calloc(table_size, sizeof *table));
        table_used = 0;
        for (size_t place = 0; place < old_size; place++)
            if (old[place]) insert_hash(old[place]);
        free(old);
    }
    return insert_hash(hash(id, count));
}

/* The value of a string member of the action line; ids and index names have no escapes. */
static const char *member(const char *line, size_t count, const char *key, size_t key_count, size_t *value_count) {
    const char *found = memmem(line, count, key, key_count);
    if (!found) return NULL;
    const char *value = found + key_count;
    const char *end = memchr(value, '"', (size_t)(line + count - value));
    if (!end) return NULL;
    *value_count = (size_t)(end - value);
    return value;
}

#define MEMBER(line, count, name, value_count) \
    member((line), (count), "\"" name "\":\"", sizeof("\"" name "\":\"") - 1, (value_count))

/* Takes the pairs of lines of a bulk body and writes the answer's body; a short one has no index and no id. */
static void answer_bulk(const char *body, size_t count, int is_short, struct buffer *answer) {
    static struct buffer items;
    items.count = 0;
    int errors = 0, first = 1;
    const char *end = body + count;
    for (const char *line = body; line < end;) {
        const char *action_end = memchr(line, '\n', (size_t)(end - line));
        const char *document = action_end ? action_end + 1 : end;
        const char *document_end = document < end ? memchr(document, '\n', (size_t)(end - document)) : NULL;
        size_t id_count = 0, index_count = 0;
        const char *id = action_end ? MEMBER(line, (size_t)(action_end - line), "_id", &id_count) : NULL;
        const char *index = action_end ? MEMBER(line, (size_t)(action_end - line), "_index", &index_count) : NULL;
        if (!document_end || !id || !index || document[0] != '{' || document_end[-1] != '}') {
            counters.malformed++;
            line = document_end ? document_end + 1 : end;
            continue;
        }
        int is_new = insert_id(id, id_count);
        counters.documents++;
        counters.distinct += (uint64_t)is_new;
        errors |= !is_new;
        if (!first) APPEND_TEXT(&items, ",");
        first = 0;
        APPEND_TEXT(&items, "{\"create\":{");
        if (!is_short) {
            APPEND_TEXT(&items, "\"_index\":\"");
            append(&items, index, index_count);
            APPEND_TEXT(&items, "\",\"_id\":\"");
            append(&items, id, id_count);
            APPEND_TEXT(&items, "\",\"_version\":1,");
        }
        if (is_new)
            APPEND_TEXT(&items, "\"status\":201}}");
        else
            APPEND_TEXT(&items, "\"status\":409,\"error\":{\"type\":\"version_conflict_engine_exception\","
                                "\"reason\":\"document already exists\"}}}");
        line = document_end + 1;
    }
    APPEND_TEXT(answer, "{\"took\":1,\"errors\":");
    if (errors)
        APPEND_TEXT(answer, "true");
    else
        APPEND_TEXT(answer, "false");
    APPEND_TEXT(answer, ",\"items\":[");
    append(answer, items.bytes, items.count);
    APPEND_TEXT(answer, "]}");
}

/* Finds a header's value in the head of a request; NULL when it is not there. */
static const char *header(const char *head, size_t count, const char *name) {
    size_t name_count = strlen(name);
    const char *end = head + count;
    for (const char *line = head; line < end;) {
        const char *next = memmem(line, (size_t)(end - line), "\r\n", 2);
        if (!next) return NULL;
        if ((size_t)(next - line) > name_count && line[name_count] == ':' && !strncasecmp(line, name, name_count)) {
            line += name_count + 1;
            while (*line == ' ') line++;
            return line;
        }
        line = next + 2;
    }
    return NULL;
}

static void answer_request(struct connection *connection, const char *head, const char *body, size_t body_count) {
    static struct buffer answer;
    answer.count = 0;
    const char *path = memchr(head, ' ', 16);
    path = path ? path + 1 : head;
    size_t path_count = strcspn(path, " ?\r");
    int is_head = !strncmp(head, "HEAD ", 5);
    if (path_count >= 6 && !memcmp(path + path_count - 6, "/_bulk", 6)) {
        counters.requests++;
        counters.bytes += body_count;
        size_t target_count = strcspn(path, " \r");
        int is_filtered = memmem(path, target_count, "filter_path=", 12) != NULL;
        answer_bulk(body, body_count, is_filtered && !memmem(path, target_count, "_id", 3), &answer);
    } else if (path_count == 6 && !memcmp(path, "/stats", 6)) {
        char text[256];
        int text_count = snprintf(
            text, sizeof text,
            "{\"requests\":%llu,\"documents\":%llu,\"distinct\":%llu,\"bytes\":%llu,\"malformed\":%llu}",
            (unsigned long long)counters.requests, (unsigned long long)counters.documents,
            (unsigned long long)counters.distinct, (unsigned long long)counters.bytes,
            (unsigned long long)counters.malformed);
        append(&answer, text, (size_t)text_count);
    } else {
        APPEND_TEXT(&answer, "{\"acknowledged\":true,\"status\":\"green\",\"version\":{\"number\":\"2.19.4\"}}");
    }
    char start[160];
    int start_count = snprintf(
        start, sizeof start,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=UTF-8\r\ncontent-length: %zu\r\n\r\n",
        answer.count);
    append(&connection->output, start, (size_t)start_count);
    if (!is_head) append(&connection->output, answer.bytes, answer.count);
}

/* Answers every whole request of the input and keeps the rest; 0 when the connection is to be closed at once. */
static int take_requests(struct connection *connection) {
    struct buffer *input = &connection->input;
    size_t taken = 0;
    while (taken < input->count) {
        const char *head = input->bytes + taken;
        size_t left = input->count - taken;
        const char *head_end = memmem(head, left, "\r\n\r\n", 4);
        if (!head_end) {
            if (left > 64 << 10) return 0;
            break;
        }
        size_t head_count = (size_t)(head_end - head) + 4;
        const char *length = header(head, head_count, "Content-Length");
        size_t body_count = length ? strtoull(length, NULL, 10) : 0;
        if (body_count > REQUEST_BYTES_MAX || header(head, head_count, "Transfer-Encoding")) return 0;
        if (left < head_count + body_count) {
            const char *expect = header(head, head_count, "Expect");
            if (expect && left == head_count) APPEND_TEXT(&connection->output, "HTTP/1.1 100 Continue\r\n\r\n");
            reserve(input, head_count + body_count - left);
            break;
        }
        const char *asked = header(head, head_count, "Connection");
        answer_request(connection, head, head + head_count, body_count);
        taken += head_count + body_count;
        if (asked && !strncasecmp(asked, "close", 5)) {
            connection->close_when_sent = 1;
            break;
        }
    }
    if (taken) {
        memmove(input->bytes, input->bytes + taken, input->count - taken);
        input->count -= taken;
    }
    return 1;
}

/* 0 when the connection has ended. */
static int send_output(int poller, struct connection *connection) {
    struct buffer *output = &connection->output;
    while (connection->sent < output->count) {
        ssize_t count = send(
            connection->descriptor, output->bytes + connection->sent, output->count - connection->sent, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
        if (count < 0) return 0;
        connection->sent += (size_t)count;
    }
    int pending = connection->sent < output->count;
    if (!pending) {
        connection->sent = output->count = 0;
        if (connection->close_when_sent) return 0;
    }
    struct epoll_event wanted = {.events = EPOLLIN | (pending ? EPOLLOUT : 0), .data.ptr = connection};
    return epoll_ctl(poller, EPOLL_CTL_MOD, connection->descriptor, &wanted) == 0;
}

/* 0 when the connection has ended. */
static int receive(struct connection *connection) {
    for (;;) {
        reserve(&connection->input, 256 << 10);
        struct buffer *input = &connection->input;
        ssize_t count = recv(connection->descriptor, input->bytes + input->count, input->capacity - input->count, 0);
        if (count > 0) {
            input->count += (size_t)count;
            if (input->count < input->capacity) return take_requests(connection);
            continue;
        }
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return take_requests(connection);
        return 0;
    }
}

static void close_connection(struct connection *connection) {
    close(connection->descriptor);
    free(connection->input.bytes);
    free(connection->output.bytes);
    free(connection);
}

static volatile sig_atomic_t stopped;

static void stop(int number) {
    (void)number;
    stopped = 1;
}

static int listen_on(int port) {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (descriptor < 0 || bind(descriptor, (struct sockaddr *)&address, sizeof address) || listen(descriptor, 128)) {
        perror("nullsink: listen");
        exit(1);
    }
    return descriptor;
}

int main(int count, char **arguments) {
    if (count != 2) {
        fprintf(stderr, "usage: nullsink PORT\n");
        return 2;
    }
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    int listener = listen_on(atoi(arguments[1]));
    int poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event listening = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &listening);
    while (!stopped) {
        struct epoll_event ready[64];
        int ready_count = epoll_wait(poller, ready, 64, -1);
        for (int each = 0; each < ready_count; each++) {
            struct connection *connection = ready[each].data.ptr;
            if (!connection) {
                int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), yes = 1;
                if (descriptor < 0) continue;
                setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
                connection = checked(calloc(1, sizeof *connection));
                connection->descriptor = descriptor;
                struct epoll_event wanted = {.events = EPOLLIN, .data.ptr = connection};
                epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &wanted);
                continue;
            }
            int alive = 1;
            if (ready[each].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) alive = receive(connection);
            if (!alive || !send_output(poller, connection)) close_connection(connection);
        }
    }
    return 0;
}
