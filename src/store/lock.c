/* store/lock.c -- see lock.h. */
#define _GNU_SOURCE
#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

char *mst_name_beside(const char *path, const char *suffix, mst_error *err) {
  char *name = NULL;
  if (asprintf(&name, "%s%s", path, suffix) >= 0) return name;
  mst_fail(err, MASTING_ERR_MEMORY, "%s: cannot allocate a name", path);
  return NULL;
}

typedef struct holder {
  char host[256];
  long process;
} holder;

static holder myself(void) {
  holder me = {.process = (long)getpid()};
  gethostname(me.host, sizeof me.host - 1);
  return me;
}

static bool read_holder(int fd, holder *who) {
  char text[400];
  const ssize_t n = pread(fd, text, sizeof text - 1, 0);
  text[n > 0 ? n : 0] = '\0';
  return sscanf(text, "host %255s process %ld", who->host, &who->process) == 2;
}

/* Dead, but not yet waited for: where the first process of a container does not, it stays so. */
static bool is_zombie(long process) {
  char path[64], state = '?';
  snprintf(path, sizeof path, "/proc/%ld/stat", process);
  FILE *f = fopen(path, "re");
  if (!f) return false;
  bool read = fscanf(f, "%*d (%*[^)]) %c", &state) == 1;
  fclose(f);
  return read && (state == 'Z' || state == 'X');
}

/* Only a process of this host can be known to be gone. */
static bool is_gone(const holder *who) {
  holder me = myself();
  if (strcmp(who->host, me.host) != 0) return false;
  return (kill((pid_t)who->process, 0) != 0 && errno == ESRCH) || is_zombie(who->process);
}

static masting_status write_holder(int fd, const char *lock, mst_error *err) {
  holder me = myself();
  int good = dprintf(fd, "host %s process %ld\n", me.host, me.process) > 0;
  int why = errno;
  if (close(fd) == 0 && good) return MASTING_OK;
  if (good) why = errno;
  unlink(lock);
  return mst_fail(err, MASTING_ERR_IO, "%s: writing failed: %s", lock, strerror(why));
}

/* Does the name still mean the file that is open? */
static bool is_at(int fd, const char *lock) {
  struct stat here, there;
  return fstat(fd, &here) == 0 && lstat(lock, &there) == 0 && here.st_ino == there.st_ino &&
         here.st_dev == there.st_dev;
}

/* Removes the lock of a holder that is gone. Two jobs may find it at once: the file itself is
 * locked meanwhile, and who comes second sees that the name means another file by now. True: look
 * again. */
static bool evict(const char *lock, holder *who) {
  const struct timespec moment = {0, 20000000};
  int fd = open(lock, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return errno == ENOENT;
  bool again = false;
  if (flock(fd, LOCK_EX) == 0) {
    bool known = read_holder(fd, who);
    for (int i = 0; i < 20 && !known; i++) { /* it is just being written */
      nanosleep(&moment, NULL);
      known = read_holder(fd, who);
    }
    if (!is_at(fd, lock)) {
      again = true;
    } else if (known && is_gone(who)) {
      mst_warn("%s: taken over from process %ld, which is gone", lock, who->process);
      again = unlink(lock) == 0;
    }
  }
  close(fd);
  return again;
}

static masting_status take(const char *path, const char *lock, mst_error *err) {
  enum { ATTEMPTS = 8 };
  holder who = {.host = "?"};
  for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
    int fd = open(lock, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd >= 0) return write_holder(fd, lock, err);
    if (errno != EEXIST)
      return mst_fail(err, MASTING_ERR_IO,
                      "%s: cannot create it: %s; try an output in another folder", lock,
                      strerror(errno));
    if (!evict(lock, &who)) break;
  }
  return mst_fail(
      err, MASTING_ERR_EXISTS,
      "%s: another job writes it: process %ld on host %s; try another output, or remove "
      "%s if that job is gone",
      path, who.process, who.host, lock);
}

static masting_status refuse_existing(const char *path, const char *partial, mst_error *err) {
  struct stat there;
  if (stat(path, &there) == 0)
    return mst_fail(err, MASTING_ERR_EXISTS,
                    "%s: the output exists already; try another name, or --force to overwrite it",
                    path);
  if (stat(partial, &there) == 0)
    return mst_fail(
        err, MASTING_ERR_EXISTS,
        "%s: draws of a run that did not finish are there; try renaming them, or --force "
        "to drop them",
        partial);
  return MASTING_OK;
}

static masting_status refuse_folder(const char *path, mst_error *err) {
  struct stat there;
  if (stat(path, &there) != 0 || S_ISREG(there.st_mode)) return MASTING_OK;
  return mst_fail(err, MASTING_ERR_EXISTS,
                  "%s: not a file that can be replaced; expected a file name, got a %s", path,
                  S_ISDIR(there.st_mode) ? "folder" : "device or pipe");
}

masting_status mst_lock_take(const char *path, int force, mst_error *err) {
  char *partial = mst_name_beside(path, ".partial", err);
  if (partial && !mst_lock_hold(path, err) && !force && refuse_existing(path, partial, err))
    mst_lock_drop(path);
  free(partial);
  return err->status;
}

masting_status mst_lock_hold(const char *path, mst_error *err) {
  char *lock = mst_name_beside(path, ".lock", err);
  if (lock && !refuse_folder(path, err)) take(path, lock, err);
  free(lock);
  return err->status;
}

bool mst_lock_look(const char *path, mst_lock_state *state) {
  mst_error ignored = {0};
  holder who = {.host = "?"};
  struct stat at;
  char text[sizeof state->note + 400] = "";
  *state = (mst_lock_state){0};
  char *lock = mst_name_beside(path, ".lock", &ignored);
  int fd = lock ? open(lock, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) : -1;
  free(lock);
  if (fd < 0) return false;
  const bool known = read_holder(fd, &who);
  const ssize_t n = pread(fd, text, sizeof text - 1, 0);
  text[n > 0 ? n : 0] = '\0';
  const char *line = strchr(text, '\n');
  snprintf(state->host, sizeof state->host, "%s", who.host);
  snprintf(state->note, sizeof state->note, "%s", line ? line + 1 : "");
  state->process = who.process;
  state->here = known && strcmp(who.host, myself().host) == 0;
  state->gone = known && is_gone(&who);
  state->silent = fstat(fd, &at) == 0 ? difftime(time(NULL), at.st_mtime) : 0;
  close(fd);
  return known;
}

void mst_lock_note(const char *path, const char *note) {
  mst_error ignored = {0};
  holder me = myself();
  char text[sizeof((mst_lock_state *)0)->note + 400];
  char *lock = mst_name_beside(path, ".lock", &ignored);
  int fd = lock ? open(lock, O_WRONLY | O_NOFOLLOW | O_CLOEXEC) : -1;
  free(lock);
  if (fd < 0) return;
  /* padded, so that nothing of a longer note before it is left */
  snprintf(text, sizeof text, "host %s process %ld\n%-*.*s\n", me.host, me.process,
           MST_LOCK_NOTE - 2, MST_LOCK_NOTE - 2, note);
  if (pwrite(fd, text, strlen(text), 0) < 0) { /* news for others; the run does not depend on it */
  }
  close(fd);
}

void mst_lock_drop(const char *path) {
  mst_error ignored = {0};
  char *lock = mst_name_beside(path, ".lock", &ignored);
  if (lock) unlink(lock);
  free(lock);
}
