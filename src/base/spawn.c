/* base/spawn.c -- see spawn.h. */
#define _GNU_SOURCE
#include "base/spawn.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static masting_status add_owned(mst_words *words, char *word, mst_error *err) {
  char **more = word ? realloc(words->word, (size_t)(words->count + 2) * sizeof *more) : NULL;
  if (!more) {
    free(word);
    return mst_fail(err, MASTING_ERR_MEMORY, "command line: no memory left");
  }
  words->word = more;
  words->word[words->count++] = word;
  words->word[words->count] = NULL;
  return MASTING_OK;
}

masting_status mst_words_add(mst_words *words, mst_error *err, const char *format, ...) {
  char *word = NULL;
  va_list ap;
  va_start(ap, format);
  int n = vasprintf(&word, format, ap);
  va_end(ap);
  return add_owned(words, n < 0 ? NULL : word, err);
}

masting_status mst_words_split(mst_words *words, const char *text, mst_error *err) {
  for (;;) {
    while (isspace((unsigned char)*text)) text++;
    if (!*text) return MASTING_OK;
    char *word = malloc(strlen(text) + 1), quote = 0;
    size_t n = 0;
    if (!word) return add_owned(words, NULL, err);
    for (; *text && (quote || !isspace((unsigned char)*text)); text++) {
      if (quote ? *text == quote : *text == '\'' || *text == '"')
        quote = quote ? 0 : *text;
      else
        word[n++] = *text;
    }
    word[n] = '\0';
    if (add_owned(words, word, err) != MASTING_OK) return err->status;
  }
}

void mst_words_free(mst_words *words) {
  for (int i = 0; i < words->count; i++) free(words->word[i]);
  free(words->word);
  *words = (mst_words){0};
}

/* Everything that comes out of a pipe. */
static char *drain(int fd) {
  size_t size = 0, room = 0;
  char *text = NULL;
  for (;;) {
    if (room - size < 4096) {
      char *more = realloc(text, room = room * 2 + 8192);
      if (!more) break;
      text = more;
    }
    ssize_t n = read(fd, text + size, room - size - 1);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    size += (size_t)n;
  }
  if (text) text[size] = '\0';
  return text;
}

static masting_status wait_for(pid_t child, const char *name, int *status, mst_error *err) {
  int how = 0;
  while (waitpid(child, &how, 0) < 0)
    if (errno != EINTR)
      return mst_fail(err, MASTING_ERR_IO, "%s: waitpid: %s", name, strerror(errno));
  *status = WIFSIGNALED(how) ? 128 + WTERMSIG(how) : WEXITSTATUS(how);
  return MASTING_OK;
}

masting_status mst_spawn(const mst_words *words, int *status, char **output, mst_error *err) {
  int fds[2] = {-1, -1};
  posix_spawn_file_actions_t actions;
  pid_t child;
  if (output) *output = NULL;
  if (output && pipe2(fds, O_CLOEXEC) != 0)
    return mst_fail(err, MASTING_ERR_IO, "%s: pipe: %s", words->word[0], strerror(errno));
  posix_spawn_file_actions_init(&actions);
  if (output) posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
  fflush(NULL);
  int code = posix_spawnp(&child, words->word[0], &actions, NULL, words->word, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (output) close(fds[1]);
  if (code != 0)
    mst_fail(err, MASTING_ERR_NOFILE, "%s: cannot be run: %s", words->word[0], strerror(code));
  else {
    if (output) *output = drain(fds[0]);
    wait_for(child, words->word[0], status, err);
  }
  if (output) close(fds[0]);
  return err->status;
}

masting_status mst_spawn_begin(const mst_words *words, const char *messages, int *child,
                               mst_error *err) {
  pid_t pid = 0;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (messages)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, messages,
                                     O_WRONLY | O_CREAT | O_TRUNC, 0666);
  fflush(NULL);
  int code = posix_spawnp(&pid, words->word[0], &actions, NULL, words->word, environ);
  posix_spawn_file_actions_destroy(&actions);
  *child = (int)pid;
  if (code == 0) return MASTING_OK;
  return mst_fail(err, MASTING_ERR_NOFILE, "%s: cannot be run: %s", words->word[0], strerror(code));
}

masting_status mst_spawn_end(const char *name, int child, int *status, mst_error *err) {
  return wait_for((pid_t)child, name, status, err);
}
