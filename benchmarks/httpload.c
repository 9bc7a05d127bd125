// Asks for one path over kept connections as fast as the server answers, and prints how many answers there were.
//
//   httpload PORT PATH CONNECTIONS SECONDS
//
// It costs little beside what is measured: one thread, one write and one read for each request, answers are only counted.
// An answer must fit into one read, as small ones do.
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

int main(int count, char **words) {
    if (count != 5) {
        fprintf(stderr, "usage: httpload PORT PATH CONNECTIONS SECONDS\n");
        return 2;
    }
    int connections = atoi(words[3]);
    double seconds = atof(words[4]);
    char request[512];
    int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: bench\r\n\r\n", words[2]);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(words[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct pollfd polled[256];
    if (connections < 1 || connections > 256) return 2;
    for (int index = 0; index < connections; index++) {
        int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (client < 0 || connect(client, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
        if (write(client, request, (size_t)length) != length) fail("write");
        polled[index] = (struct pollfd){.fd = client, .events = POLLIN};
    }
    double began = now(), end = began + seconds;
    long answers = 0;
    char answer[16384];
    while (now() < end) {
        if (poll(polled, (nfds_t)connections, 1000) < 0 && errno != EINTR) fail("poll");
        for (int index = 0; index < connections; index++) {
            if (!polled[index].revents) continue;
            ssize_t received = read(polled[index].fd, answer, sizeof answer);
            if (received < 12 || memcmp(answer, "HTTP/1.1 200", 12) != 0) fail("an answer");
            answers++;
            if (write(polled[index].fd, request, (size_t)length) != length) fail("write");
        }
    }
    printf("%ld %.6f\n", answers, now() - began);
    return 0;
}
