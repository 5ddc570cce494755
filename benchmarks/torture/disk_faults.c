/* A disk that fills, fails or loses power at the n-th call that changes it. Preloaded into a process (LD_PRELOAD).

   Only files below one folder are counted. `disk_arm` says at which call what happens:
     FULL    from this call on, every one that needs room fails with ENOSPC; the first writes half of what it should
     BROKEN  from this call on, each fails with EIO
     ONCE    this call alone fails with EIO
     KILLED  the process ends before this call, as by SIGKILL
     LOST    the same, and what was written since the last fsync of each file is undone, as by a loss of power
   Linux only. Not for processes in which several threads write. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { OFF, FULL, BROKEN, ONCE, KILLED, LOST };

struct change {
    struct change *before;
    ino_t inode;
    char *path;
    off_t offset, size; /* of the file before */
    size_t length;      /* of `bytes`, which were there before */
    char bytes[];
};

static char folder[4096];
static long at, calls;
static int kind;
static struct change *changes;

#define REAL(name) static __typeof__(name) *real; if (!real) real = dlsym(RTLD_NEXT, #name)

void disk_arm(const char *where, int what, long call) {
    strncpy(folder, where, sizeof folder - 1);
    kind = what;
    at = call;
    calls = 0;
}

long disk_calls(void) { return calls; }

static int is_below(const char *path) { return kind && strncmp(path, folder, strlen(folder)) == 0; }

static char *path_of(int descriptor, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, 4095);
    if (length < 0) return NULL;
    path[length] = 0;
    return path;
}

static void lose(void) {
    for (struct change *one = changes; one; one = one->before) {
        int file = open(one->path, O_WRONLY);
        struct stat now;
        if (file < 0 || fstat(file, &now) || now.st_ino != one->inode) { if (file >= 0) close(file); continue; }
        static __typeof__(pwrite64) *write_back;
        if (!write_back) write_back = dlsym(RTLD_NEXT, "pwrite64");
        if (one->length) write_back(file, one->bytes, one->length, one->offset);
        static __typeof__(ftruncate64) *cut;
        if (!cut) cut = dlsym(RTLD_NEXT, "ftruncate64");
        cut(file, one->size);
        close(file);
    }
}

/* Whether the call is to fail, with errno set. */
static int fails(int needs_room) {
    calls++;
    if (calls < at || (kind == ONCE && calls > at)) return 0;
    int happens = kind;
    if (happens == LOST || happens == KILLED) {
        kind = OFF;
        if (happens == LOST) lose();
        kill(getpid(), SIGKILL);
        pause();
    }
    if (happens == FULL) {
        if (!needs_room) return 0;
        errno = ENOSPC;
        return 1;
    }
    errno = EIO;
    return 1;
}

static void remember(int descriptor, const char *path, off_t offset, size_t length) {
    struct stat before;
    if (kind != LOST || fstat(descriptor, &before)) return;
    size_t there = offset < before.st_size ? (size_t)(before.st_size - offset) : 0;
    if (there > length) there = length;
    struct change *one = malloc(sizeof *one + there);
    *one = (struct change){changes, before.st_ino, strdup(path), offset, before.st_size, there};
    if (there) {
        int reading = open(path, O_RDONLY);
        if (reading < 0 || pread(reading, one->bytes, there, offset) != (ssize_t)there) one->length = 0;
        if (reading >= 0) close(reading);
    }
    changes = one;
}

static void forget(int descriptor) {
    struct stat file;
    if (fstat(descriptor, &file)) return;
    for (struct change **one = &changes; *one;) {
        if ((*one)->inode == file.st_ino) *one = (*one)->before; else one = &(*one)->before;
    }
}

#define WRITING(name, arguments, call_whole, call_half, where)                                   \
    ssize_t name arguments {                                                                     \
        REAL(name);                                                                              \
        char path[4096];                                                                         \
        if (kind && path_of(descriptor, path) && is_below(path)) {                               \
            if (fails(1)) return kind == FULL && calls == at && length > 1 ? call_half : -1;     \
            remember(descriptor, path, where, length);                                           \
        }                                                                                        \
        return call_whole;                                                                       \
    }

WRITING(write, (int descriptor, const void *data, size_t length), real(descriptor, data, length),
        real(descriptor, data, length / 2), lseek(descriptor, 0, SEEK_CUR))
WRITING(pwrite, (int descriptor, const void *data, size_t length, off_t offset),
        real(descriptor, data, length, offset), real(descriptor, data, length / 2, offset), offset)
WRITING(pwrite64, (int descriptor, const void *data, size_t length, off64_t offset),
        real(descriptor, data, length, offset), real(descriptor, data, length / 2, offset), offset)

/* What C and C++ libraries write through: its bytes reach the file later, so that LOST does not undo them. */
size_t fwrite(const void *data, size_t size, size_t count, FILE *stream) {
    REAL(fwrite);
    char path[4096];
    if (kind && path_of(fileno(stream), path) && is_below(path) && fails(1)) return 0;
    return real(data, size, count, stream);
}

#define SYNCING(name)                                                         \
    int name(int descriptor) {                                                \
        REAL(name);                                                           \
        char path[4096];                                                      \
        if (kind && path_of(descriptor, path) && is_below(path)) {            \
            if (fails(1)) return -1;                                          \
            forget(descriptor);                                               \
        }                                                                     \
        return real(descriptor);                                              \
    }
SYNCING(fsync)
SYNCING(fdatasync)

#define CUTTING(name, type)                                                   \
    int name(int descriptor, type size) {                                     \
        REAL(name);                                                           \
        char path[4096];                                                      \
        if (kind && path_of(descriptor, path) && is_below(path)) {            \
            if (fails(0)) return -1;                                          \
            struct stat before;                                               \
            if (!fstat(descriptor, &before) && size < before.st_size)         \
                remember(descriptor, path, size, before.st_size - size);      \
        }                                                                     \
        return real(descriptor, size);                                        \
    }
CUTTING(ftruncate, off_t)
CUTTING(ftruncate64, off64_t)

#define BY_NAME(name, parameters, arguments, path, needs_room)                \
    int name parameters {                                                     \
        REAL(name);                                                           \
        if (is_below(path) && fails(needs_room)) return -1;                   \
        return real arguments;                                                \
    }
BY_NAME(rename, (const char *from, const char *to), (from, to), to, 1)
BY_NAME(unlink, (const char *path), (path), path, 0)
BY_NAME(mkdir, (const char *path, mode_t mode), (path, mode), path, 1)
BY_NAME(rmdir, (const char *path), (path), path, 0)

#define OPENING(name)                                                                             \
    int name(const char *path, int flags, ...) {                                                  \
        REAL(name);                                                                               \
        va_list rest;                                                                             \
        va_start(rest, flags);                                                                    \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;                   \
        va_end(rest);                                                                             \
        if (flags & O_CREAT && is_below(path) && access(path, F_OK) && fails(1)) return -1;       \
        return real(path, flags, mode);                                                           \
    }
OPENING(open)
OPENING(open64)
