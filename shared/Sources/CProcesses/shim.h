#pragma once
// What happens between fork and exec. Swift must not run there: its runtime may hold locks that no thread of the child
// will release. posix_spawn can neither set limits nor tie the child's life to its parent's.
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stddef.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct child_limit {
    int resource;
    rlim_t maximum;
};

struct child_plan {
    const char *path;
    char *const *arguments;
    char *const *environment;
    const char *folder; // NULL stays where the parent is
    int descriptors[3]; // of standard input, output and error; above 2, but for an error that stays what it is
    const struct child_limit *limits;
    size_t limit_count;
};

// Only async-signal-safe calls. Gives the error of the step that failed.
static inline int child_become(const struct child_plan *plan, pid_t parent) {
    struct sigaction by_default = {.sa_handler = SIG_DFL};
    sigset_t none;
    // An ignored signal would stay ignored over exec, and a blocked one blocked: the program could not be stopped.
    for (int number = 1; number < NSIG; number++) sigaction(number, &by_default, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);

    // A group of its own, so that a signal reaches what the program starts, too.
    if (setpgid(0, 0) != 0) return errno;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return errno;
    if (getppid() != parent) return ESRCH;

    for (int number = 0; number < 3; number++)
        if (dup2(plan->descriptors[number], number) < 0) return errno;
    if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) != 0) return errno;
    if (plan->folder && chdir(plan->folder) != 0) return errno;
    for (size_t index = 0; index < plan->limit_count; index++) {
        struct rlimit limit = {plan->limits[index].maximum, plan->limits[index].maximum};
        if (setrlimit(plan->limits[index].resource, &limit) != 0) return errno;
    }
    execve(plan->path, plan->arguments, plan->environment);
    return errno;
}

// Starts the program; 0, or the error of whatever failed, of exec too.
static inline int child_start(const struct child_plan *plan, pid_t *pid, int *pidfd) {
    int report[2], error = 0;
    pid_t parent = getpid();
    // A child that another thread starts meanwhile closes both on its exec.
    if (pipe(report) != 0) return errno;
    for (int end = 0; end < 2; end++) fcntl(report[end], F_SETFD, FD_CLOEXEC);
    *pid = fork();
    if (*pid == 0) {
        error = child_become(plan, parent);
        (void)!write(report[1], &error, sizeof error);
        _exit(127);
    }
    if (*pid < 0) error = errno;
    close(report[1]);
    if (*pid > 0) {
        ssize_t count;
        // Nothing comes when exec has closed the other end.
        do count = read(report[0], &error, sizeof error); while (count < 0 && errno == EINTR);
        if (count == 0) {
            // The child is not reaped yet, so the number is still its own.
            *pidfd = pidfd_open(*pid, 0);
            if (*pidfd < 0) error = errno;
        }
        if (error != 0) {
            kill(*pid, SIGKILL);
            waitpid(*pid, NULL, 0);
        }
    }
    close(report[0]);
    return error;
}
