/* fuzz_emit FOLDER FILE.stan ... -- compiles programs to C, for tests/fuzz/mutate.py.
 *
 * Each program is compiled in a process of its own in three ways: with a size cut over the ranks
 * and optimised, cut and plain, and with nothing cut; the intermediate representation is verified
 * after each pass. What was emitted goes to FOLDER/NAME-WAY.c. A line a program on standard
 * output: "accepted NAME", "refused NAME MESSAGE", or "wrong NAME TEXT", where a way crashed,
 * hung, was found wrong by the verifier, or was refused though another was taken. The sanitizers
 * that this is built with do the rest. Not collective; no MPI.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lang/compile.h"
#include "lang/prelude/prelude.h"

#define HANG 60 /* seconds */

enum { WAYS = 3, ACCEPTED = 0, REFUSED = 2 };
static const struct way {
  const char *name, *size;
  bool optimise;
} ways[WAYS] = {{"cut", NULL, true}, {"plain", NULL, false}, {"whole", "none", true}};

const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "detect_leaks=0"; }

static char *read_file(const char *path) {
  FILE *f = fopen(path, "rb");
  char *text = calloc(1, 1 << 20);
  if (!f || !text || fread(text, 1, (1 << 20) - 1, f) == 0) {
    fprintf(stderr, "fuzz_emit: cannot read %s\n", path);
    exit(2);
  }
  fclose(f);
  return text;
}

/* Writes `text`, or a message, to PATH; the status of the process. */
static int write_text(const char *path, const char *text) {
  FILE *f = fopen(path, "wb");
  if (!f || fputs(text, f) < 0 || fclose(f)) abort();
  return 0;
}

static void path_of(char *path, size_t size, const char *folder, const char *name,
                    const char *way) {
  snprintf(path, size, "%s/%s-%s", folder, name, way);
}

/* In a process of its own. */
static int compile(const char *text, const char *name, const struct way *w, const char *path) {
  lang_context c = {0};
  mst_lang_result result;
  const mst_lang_options options = {.size = w->size, .optimise = w->optimise, .verify = true};
  char out[4096];
  alarm(HANG);
  const bool well = mst_lang_compile(&c, name, "model", text, &options, &result);
  snprintf(out, sizeof out, "%s%s", path, well ? ".c" : ".txt");
  write_text(out, well ? result.c_text : c.error);
  const bool ours = !well && (strstr(c.error, "mistake of masting"));
  return well ? ACCEPTED : ours ? 1 : REFUSED;
}

/* The first line of a file that has been written beside the program, or "". */
static const char *message(const char *path, const char *ending) {
  static char line[512];
  char whole[4096];
  snprintf(whole, sizeof whole, "%s%s", path, ending);
  FILE *f = fopen(whole, "rb");
  line[0] = '\0';
  while (f && fgets(line, sizeof line, f))
    if (strstr(line, "ERROR") || strstr(line, "error") || strstr(line, "expected")) break;
  if (f) fclose(f);
  line[strcspn(line, "\n")] = '\0';
  return line;
}

static int run(const char *text, const char *name, const struct way *w, const char *path) {
  const pid_t child = fork();
  int status = 0;
  if (child == 0) {
    char said[4096];
    snprintf(said, sizeof said, "%s.err", path);
    if (!freopen(said, "wb", stderr)) abort();
    _exit(compile(text, name, w, path));
  }
  if (child < 0 || waitpid(child, &status, 0) != child) abort();
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void try_program(const char *folder, const char *file) {
  const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file;
  char name[256], path[WAYS][1024];
  char *text = read_file(file);
  int status[WAYS];
  snprintf(name, sizeof name, "%.*s", (int)strcspn(base, "."), base);
  for (int i = 0; i < WAYS; i++) {
    path_of(path[i], sizeof path[i], folder, name, ways[i].name);
    status[i] = run(text, base, &ways[i], path[i]);
    if (status[i] == ACCEPTED || (status[i] == REFUSED && status[0] == REFUSED)) continue;
    printf("wrong %s %s: status %d: %s %s\n", name, ways[i].name, status[i],
           message(path[i], ".txt"), message(path[i], ".err"));
    free(text);
    return;
  }
  if (status[0] == REFUSED)
    printf("refused %s %s\n", name, message(path[0], ".txt"));
  else
    printf("accepted %s\n", name);
  fflush(stdout);
  free(text);
}

int main(int argc, char **argv) {
  lang_context c = {0};
  int count;
  if (argc < 3) {
    fprintf(stderr, "usage: fuzz_emit FOLDER FILE.stan ...\n");
    return 2;
  }
  mst_prelude(&c, &count); /* read once, for all */
  for (int i = 2; i < argc; i++) try_program(argv[1], argv[i]);
  mst_lang_free(&c);
  return 0;
}
