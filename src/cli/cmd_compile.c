/* cli/cmd_compile.c -- `masting compile MODEL.c`: a model in C becomes a model.so for `sample`.
 *
 * The file is compiled once for each lane width by the system's C compiler and linked into one
 * shared object, which is put in place by a rename: a job that starts meanwhile sees the old or the
 * new one. Needs no MPI: run it on a login node.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/options.h"
#include "cli/spawn.h"

static const int widths[] = {1, 2, 4, 8, 16};
enum { WIDTHS = sizeof widths / sizeof *widths };

typedef struct compile_options {
  const char *out, *march, *cc, *cflags;
  int verbose;
} compile_options;

/* The folder that holds masting/model_abi.h: of the environment, as installed, or beside the
 * program as it was moved. */
static masting_status find_headers(char *folder, size_t size, mst_error *err) {
  char probe[PATH_MAX + 32], self[PATH_MAX] = "";
  const char *given = getenv("MASTING_INCLUDE");
  ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
  if (n < 0) n = 0;
  self[n] = '\0';
  char *slash = strrchr(self, '/');
  if (slash) *slash = '\0';
  for (int i = given ? 0 : 1; i < 3; i++) {
    if (i == 0) snprintf(folder, size, "%s", given);
    if (i == 1) snprintf(folder, size, "%s", MASTING_INCLUDEDIR);
    if (i == 2) snprintf(folder, size, "%.*s/../include", (int)size - 16, self);
    snprintf(probe, sizeof probe, "%.*s/masting/model_abi.h", PATH_MAX, folder);
    if (access(probe, R_OK) == 0) return MASTING_OK;
  }
  return mst_fail(err, MASTING_ERR_NOFILE,
                  "compile: masting/model_abi.h not found; expected it in %s; try setting "
                  "MASTING_INCLUDE to the folder that holds masting/", given ? given
                                                                           : MASTING_INCLUDEDIR);
}

static masting_status call(const mst_words *words, const compile_options *o, mst_error *err) {
  int status = 0;
  if (o->verbose) {
    for (int i = 0; i < words->count; i++)
      fprintf(stderr, "%s%s", words->word[i], i + 1 < words->count ? " " : "\n");
  }
  if (mst_spawn(words, &status, NULL, err) != MASTING_OK) return err->status;
  if (status)
    mst_fail(err, MASTING_ERR_MODEL, "compile: %s ended with status %d; its messages are above",
             words->word[0], status);
  return err->status;
}

static void begin(mst_words *words, const compile_options *o, mst_error *err) {
  mst_words_split(words, o->cc, err);
  mst_words_add(words, err, "-fPIC");
  mst_words_split(words, MASTING_MODE, err);
}

static masting_status compile_width(const char *source, const char *temp, const char *headers,
                                    int width, const compile_options *o, mst_error *err) {
  mst_words words = {0};
  begin(&words, o, err);
  mst_words_split(&words, "-std=gnu17 -O3 -Wall -Wno-psabi -ffp-contract=fast -fno-math-errno "
                          "-fno-trapping-math", err);
  mst_words_add(&words, err, "-march=%s", o->march);
  mst_words_add(&words, err, "-DMASTING_LANES=%d", width);
  mst_words_add(&words, err, "-I%s", headers);
  mst_words_split(&words, MASTING_SLEEF_CFLAGS, err);
  if (o->cflags) mst_words_split(&words, o->cflags, err);
  mst_words_add(&words, err, "-c");
  mst_words_add(&words, err, "%s", source);
  mst_words_add(&words, err, "-o");
  mst_words_add(&words, err, "%s/w%d.o", temp, width);
  if (err->status == MASTING_OK) call(&words, o, err);
  mst_words_free(&words);
  return err->status;
}

static masting_status link_widths(const char *temp, const compile_options *o, mst_error *err) {
  mst_words words = {0};
  begin(&words, o, err);
  mst_words_add(&words, err, "-shared");
  mst_words_add(&words, err, "-o");
  mst_words_add(&words, err, "%s/model.so", temp);
  for (int i = 0; i < WIDTHS; i++) mst_words_add(&words, err, "%s/w%d.o", temp, widths[i]);
  mst_words_split(&words, MASTING_SLEEF_LIBS " -lm", err);
  if (err->status == MASTING_OK) call(&words, o, err);
  mst_words_free(&words);
  return err->status;
}

static void clean(const char *temp) {
  char path[PATH_MAX + 64];
  for (int i = 0; i < WIDTHS; i++) {
    snprintf(path, sizeof path, "%s/w%d.o", temp, widths[i]);
    unlink(path);
  }
  snprintf(path, sizeof path, "%s/model.so", temp);
  unlink(path);
  rmdir(temp);
}

/* MODEL.so beside where we are, for MODEL.c; refuses what is not C. */
static masting_status output_name(const char *source, char *out, size_t size, mst_error *err) {
  const char *base = strrchr(source, '/');
  base = base ? base + 1 : source;
  size_t n = strlen(base);
  if (n < 3 || strcmp(base + n - 2, ".c") != 0)
    return mst_fail(err, MASTING_ERR_MODEL,
                    "%s: not C; expected a model written in C whose name ends in .c; "
                    "docs/models-in-c.md shows how", source);
  if (access(source, R_OK) != 0)
    return mst_fail(err, MASTING_ERR_NOFILE, "%s: cannot open: %s", source, strerror(errno));
  snprintf(out, size, "%.*s.so", (int)n - 2, base);
  return MASTING_OK;
}

static masting_status compile(const char *source, const compile_options *o, mst_error *err) {
  char out[PATH_MAX], temp[PATH_MAX + 32], built[PATH_MAX + 64], headers[PATH_MAX];
  if (output_name(source, out, sizeof out, err) != MASTING_OK) return err->status;
  if (o->out) snprintf(out, sizeof out, "%s", o->out);
  if (find_headers(headers, sizeof headers, err) != MASTING_OK) return err->status;
  snprintf(temp, sizeof temp, "%s.XXXXXX", out);
  if (!mkdtemp(temp))
    return mst_fail(err, MASTING_ERR_NOFILE, "%s: cannot be written: %s", out, strerror(errno));
  for (int i = 0; i < WIDTHS && err->status == MASTING_OK; i++)
    compile_width(source, temp, headers, widths[i], o, err);
  snprintf(built, sizeof built, "%s/model.so", temp);
  if (err->status == MASTING_OK && link_widths(temp, o, err) == MASTING_OK &&
      rename(built, out) != 0)
    mst_fail(err, MASTING_ERR_IO, "%s: cannot be written: %s", out, strerror(errno));
  clean(temp);
  if (err->status == MASTING_OK)
    fprintf(stderr, "masting: wrote %s; next: masting check %s%s DATA\n", out,
            strchr(out, '/') ? "" : "./", out);
  return err->status;
}

int cmd_compile(int argc, const char **argv) {
  const char *cc = getenv("CC");
  compile_options o = {.march = "native", .cc = cc && *cc ? cc : "cc"};
  mst_opt table[] = {
      {"out", 'o', MST_OPT_TEXT, &o.out, 0, 0, NULL, "FILE", "MODEL.so", "where it goes", false},
      {"march", 0, MST_OPT_TEXT, &o.march, 0, 0, NULL, "ARCH", "native",
       "processor; on mixed nodes, what all have, such as x86-64-v3", false},
      {"cc", 0, MST_OPT_TEXT, &o.cc, 0, 0, NULL, "COMMAND", "$CC or cc", "the C compiler", false},
      {"cflags", 0, MST_OPT_TEXT, &o.cflags, 0, 0, NULL, "FLAGS", NULL, "more flags for it", false},
      {"verbose", 'v', MST_OPT_FLAG, &o.verbose, 0, 0, NULL, NULL, NULL, "show its command lines",
       false},
      {0}};
  mst_opts opts = {.command = "compile", .synopsis = "MODEL.c [options]", .table = table,
                   .about = "Compiles a model written in C (docs/models-in-c.md) for all lane "
                            "widths into one\nMODEL.so, which `masting sample ./MODEL.so DATA` "
                            "takes.",
                   .min_positional = 1, .max_positional = 1};
  mst_error err = {0};
  mst_opts_parse(&opts, argc, argv, &err);
  if (opts.help)
    mst_opts_help(&opts, stdout);
  else if (err.status == MASTING_OK)
    compile(opts.positional[0], &o, &err);
  mst_opts_free(&opts);
  if (err.status != MASTING_OK) mst_error_print(&err);
  return masting_exit_status(err.status);
}
