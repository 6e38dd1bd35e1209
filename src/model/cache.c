/* model/cache.c -- see cache.h. */
#define _GNU_SOURCE
#include "model/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/file.h"

#define OTHERS_WRITE (S_IWGRP | S_IWOTH)
#define SEAL "masting object\n"

typedef struct seal { /* behind the object; ELF does not look there */
  char text[sizeof SEAL - 1];
  unsigned char hash[sizeof(XXH128_canonical_t)];
} seal;

static char temporary[PATH_MAX - 128]; /* "": the folder stays */

static bool is_ours(const struct stat *st) { return st->st_uid == geteuid() || st->st_uid == 0; }

static int make_folder(char *path) {
  for (char *p = path + 1;; p++) {
    if (*p != '/' && *p) continue;
    const char keep = *p;
    *p = '\0';
    const int failed = mkdir(path, 0700) != 0 && errno != EEXIST ? errno : 0;
    *p = keep;
    if (failed && !keep) return failed;
    if (!keep) return 0;
  }
}

/* Why the folder cannot be used; NULL: it can. */
static const char *refuse(char *path, char *text, size_t size) {
  struct stat st;
  const int failed = make_folder(path);
  if (failed) return strerror(failed);
  if (stat(path, &st) != 0) return strerror(errno);
  if (!S_ISDIR(st.st_mode)) return "it is not a folder";
  if (!is_ours(&st)) {
    snprintf(text, size, "it belongs to another user (%ld)", (long)st.st_uid);
    return text;
  }
  /* made under another umask, by us: what is there is looked at one by one */
  if (st.st_mode & OTHERS_WRITE && chmod(path, st.st_mode & 07755) != 0)
    return "others may write to it";
  return access(path, W_OK | X_OK) == 0 ? NULL : strerror(errno);
}

static masting_status make_temporary(char *path, size_t size, mst_error *err) {
  const char *folder = getenv("TMPDIR");
  snprintf(temporary, sizeof temporary, "%.3000s/masting-XXXXXX",
           folder && *folder ? folder : "/tmp");
  if (!mkdtemp(temporary)) {
    const int why = errno;
    mst_fail(err, MASTING_ERR_IO,
             "%s: cannot make this folder for a compiled model: %s; try setting MASTING_CACHE or "
             "TMPDIR to a folder that you may write",
             temporary, strerror(why));
    temporary[0] = '\0';
    return err->status;
  }
  snprintf(path, size, "%s", temporary);
  return MASTING_OK;
}

masting_status mst_cache_folder(char *path, size_t size, mst_error *err) {
  const char *given = getenv("MASTING_CACHE"), *xdg = getenv("XDG_CACHE_HOME"),
             *home = getenv("HOME");
  char text[128];
  if (given && *given)
    snprintf(path, size, "%s", given);
  else if (xdg && *xdg)
    snprintf(path, size, "%s/masting", xdg);
  else if (home && *home)
    snprintf(path, size, "%s/.cache/masting", home);
  else
    snprintf(path, size, "%s", "~/.cache/masting");
  const char *why = *path == '~' ? "HOME is not set" : refuse(path, text, sizeof text);
  if (!why) return MASTING_OK;
  mst_warn(
      "%s: cannot keep compiled models there: %s; this one is compiled for this run alone; try "
      "setting MASTING_CACHE to a folder that you alone may write",
      path, why);
  return make_temporary(path, size, err);
}

static void hash_of(const char *bytes, size_t count,
                    unsigned char hash[sizeof(XXH128_canonical_t)]) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes, count));
  memcpy(hash, &canonical, sizeof canonical);
}

/* Of what is open, so that nothing else can take its place in between. */
static bool may_load(int fd) {
  struct stat st;
  return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && is_ours(&st) &&
         !(st.st_mode & OTHERS_WRITE) && st.st_nlink == 1;
}

bool mst_cache_sound(const char *object) {
  size_t count = 0;
  seal found;
  unsigned char hash[sizeof found.hash];
  const int fd = open(object, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return false;
  const bool safe = may_load(fd);
  close(fd);
  char *bytes = safe ? mst_file_read(object, 0, &count) : NULL;
  bool good = bytes && count > sizeof found;
  if (good) {
    memcpy(&found, bytes + count - sizeof found, sizeof found);
    hash_of(bytes, count - sizeof found, hash);
    good = memcmp(found.text, SEAL, sizeof found.text) == 0 &&
           memcmp(found.hash, hash, sizeof hash) == 0;
  }
  free(bytes);
  return good;
}

masting_status mst_cache_seal(const char *made, const char *object, mst_error *err) {
  size_t count = 0;
  seal end;
  char *bytes = mst_file_read(made, 0, &count);
  const int fd = open(made, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
  int why = !bytes || fd < 0 ? errno : 0;
  if (!why) {
    memcpy(end.text, SEAL, sizeof end.text);
    hash_of(bytes, count, end.hash);
    if (write(fd, &end, sizeof end) != (ssize_t)sizeof end || fchmod(fd, 0700) != 0) why = errno;
  }
  if (fd >= 0 && close(fd) != 0 && !why) why = errno;
  if (!why && rename(made, object) != 0) why = errno;
  free(bytes);
  if (!why) return MASTING_OK;
  unlink(made);
  return mst_fail(err, MASTING_ERR_IO, "%s: cannot be written: %s", object, strerror(why));
}

void mst_cache_done(void) {
  if (!*temporary) return;
  DIR *folder = opendir(temporary);
  for (struct dirent *e; folder && (e = readdir(folder));)
    if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..")) unlinkat(dirfd(folder), e->d_name, 0);
  if (folder) closedir(folder);
  rmdir(temporary);
  temporary[0] = '\0';
}
