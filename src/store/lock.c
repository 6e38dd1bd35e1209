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
#include <sys/stat.h>
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

static bool read_holder(const char *lock, holder *who) {
  FILE *f = fopen(lock, "re");
  if (!f) return false;
  bool good = fscanf(f, "host %255s process %ld", who->host, &who->process) == 2;
  fclose(f);
  return good;
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

static masting_status take(const char *path, const char *lock, mst_error *err) {
  holder who = {.host = "?"};
  for (int attempt = 0; attempt < 2; attempt++) {
    int fd = open(lock, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd >= 0) return write_holder(fd, lock, err);
    if (errno != EEXIST)
      return mst_fail(err, MASTING_ERR_IO,
                      "%s: cannot create it: %s; try an output in another folder", lock,
                      strerror(errno));
    bool known = read_holder(lock, &who);
    if (attempt || !known || !is_gone(&who)) break;
    mst_warn("%s: taken over from process %ld, which is gone", lock, who.process);
    unlink(lock);
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
  char *lock = mst_name_beside(path, ".lock", err),
       *partial = mst_name_beside(path, ".partial", err);
  if (lock && partial && !refuse_folder(path, err) && !take(path, lock, err)) {
    if (!force && refuse_existing(path, partial, err)) unlink(lock);
  }
  free(lock);
  free(partial);
  return err->status;
}

void mst_lock_drop(const char *path) {
  mst_error ignored = {0};
  char *lock = mst_name_beside(path, ".lock", &ignored);
  if (lock) unlink(lock);
  free(lock);
}
