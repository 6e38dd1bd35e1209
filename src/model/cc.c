/* model/cc.c -- see cc.h. */
#define _GNU_SOURCE
#include "model/cc.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/spawn.h"
#include "model/cc_fault.h"

enum { WIDTHS = 5 };

masting_status mst_cc_headers(char *folder, size_t size, mst_error *err) {
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
                  "MASTING_INCLUDE to the folder that holds masting/",
                  given ? given : MASTING_INCLUDEDIR);
}

static const char *compiler(const mst_cc_options *o) {
  const char *cc = o->cc ? o->cc : getenv("CC");
  return cc && *cc ? cc : "cc";
}

static void show(const mst_words *words, const mst_cc_options *o) {
  for (int i = 0; o->verbose && i < words->count; i++)
    fprintf(stderr, "%s%s", words->word[i], i + 1 < words->count ? " " : "\n");
}

static masting_status judge(int status, const char *cc, mst_error *err) {
  if (status)
    mst_fail(err, MASTING_ERR_MODEL, "compile: %s ended with status %d; its messages are above", cc,
             status);
  return err->status;
}

/* Where the compiler's messages on this width go; NULL: passed on. */
static const char *messages_of(const mst_cc_options *o, const char *temp, int width, char *path,
                               size_t size) {
  if (!o->stan) return NULL;
  snprintf(path, size, "%s/w%d.txt", temp, width);
  return path;
}

static void show_file(const char *path, const mst_cc_options *o) {
  char text[1024];
  FILE *f = o->verbose ? fopen(path, "rb") : NULL;
  for (size_t n; f && (n = fread(text, 1, sizeof text, f)) > 0;) fwrite(text, 1, n, stderr);
  if (f) fclose(f);
}

static void begin(mst_words *words, const mst_cc_options *o, mst_error *err) {
  mst_words_split(words, compiler(o), err);
  mst_words_add(words, err, "-fPIC");
}

static void command(mst_words *words, const char *source, const char *temp, const char *headers,
                    int width, const mst_cc_options *o, mst_error *err) {
  const char *march = o->march ? o->march : "native";
  begin(words, o, err);
  mst_words_split(words,
                  "-std=gnu17 -O3 -Wall -Wno-psabi -ffp-contract=fast -fno-math-errno "
                  "-fno-trapping-math -fopenmp-simd",
                  err);
  mst_words_split(words, MASTING_MODE, err); /* with sanitizers: -O1, after -O3 */
  if (*march) mst_words_add(words, err, "-march=%s", march);
  if (!strcmp(march, "x86-64-v4")) mst_words_add(words, err, "-mprefer-vector-width=512");
  mst_words_add(words, err, "-DMASTING_LANES=%d", width);
  mst_words_add(words, err, "-I%s", headers);
  mst_words_split(words, MASTING_SLEEF_CFLAGS " " MASTING_SUNDIALS_CFLAGS, err);
  if (o->cflags) mst_words_split(words, o->cflags, err);
  mst_words_add(words, err, "-c");
  mst_words_add(words, err, "%s", source);
  mst_words_add(words, err, "-o");
  mst_words_add(words, err, "%s/w%d.o", temp, width);
}

/* A compute node often has no compiler, and then the way is another machine. */
static masting_status start(const mst_words *words, const char *messages, const mst_cc_options *o,
                            int *child, mst_error *err) {
  mst_error why = {0};
  if (mst_spawn_begin(words, messages, child, &why) == MASTING_OK) return MASTING_OK;
  return mst_fail(err, why.status,
                  "%s; expected a C compiler, as CC%s says; try `masting compile %s` where there "
                  "is one, such as the login node, and then the model.so in place of MODEL",
                  why.message, o->cc ? " or --cc" : "", o->stan ? o->stan : "MODEL");
}

static masting_status compile_all(const char *source, const char *temp, const char *headers,
                                  const mst_cc_options *o, mst_error *err) {
  mst_words words[WIDTHS] = {{0}};
  int child[WIDTHS] = {0};
  for (int i = 0; i < WIDTHS && err->status == MASTING_OK; i++) {
    if (o->widths && !(o->widths >> i & 1)) continue;
    command(&words[i], source, temp, headers, 1 << i, o, err);
    show(&words[i], o);
    char path[PATH_MAX + 64];
    if (err->status == MASTING_OK)
      start(&words[i], messages_of(o, temp, 1 << i, path, sizeof path), o, &child[i], err);
  }
  for (int i = 0; i < WIDTHS; i++) {
    int status = 0;
    if (!child[i]) { /* not asked for, or not begun */
      mst_words_free(&words[i]);
      continue;
    }
    char path[PATH_MAX + 64];
    const char *said = messages_of(o, temp, 1 << i, path, sizeof path);
    const bool well = err->status == MASTING_OK; /* the first failure is reported */
    mst_spawn_end(words[i].word[0], child[i], &status, err);
    if (said) show_file(said, o);
    if (well && status && said)
      mst_cc_fault(o->stan, source, o->kept ? o->kept : source, said, words[i].word[0], status,
                   err);
    else if (well)
      judge(status, words[i].word[0], err);
    mst_words_free(&words[i]);
  }
  return err->status;
}

/* Whether a line of the file includes the header: libraries are linked where they are needed. */
static bool includes(const char *source, const char *header) {
  char line[512];
  bool found = false;
  FILE *f = fopen(source, "rb");
  while (f && !found && fgets(line, sizeof line, f))
    found = line[0] == '#' && strstr(line, header) != NULL;
  if (f) fclose(f);
  return found;
}

static masting_status link_all(const char *source, const char *temp, const mst_cc_options *o,
                               mst_error *err) {
  mst_words words = {0};
  int status = 0;
  begin(&words, o, err);
  mst_words_split(&words, MASTING_MODE, err);
  mst_words_add(&words, err, "-shared");
  mst_words_add(&words, err, "-o");
  mst_words_add(&words, err, "%s/model.so", temp);
  for (int i = 0; i < WIDTHS; i++)
    if (!o->widths || o->widths >> i & 1) mst_words_add(&words, err, "%s/w%d.o", temp, 1 << i);
  const bool roots = includes(source, "<masting/stan/root_newton.h>");
  if (roots) mst_words_add(&words, err, "-lsundials_kinsol");
  if (roots || includes(source, "<masting/stan/ode_multistep.h>"))
    mst_words_split(&words, MASTING_SUNDIALS_LIBS, err);
  mst_words_split(&words, MASTING_SLEEF_LIBS " -lm", err);
  show(&words, o);
  if (err->status == MASTING_OK && mst_spawn(&words, &status, NULL, err) == MASTING_OK)
    judge(status, words.word[0], err);
  mst_words_free(&words);
  return err->status;
}

static void clean(const char *temp) {
  char path[PATH_MAX + 64];
  for (int i = 0; i < WIDTHS; i++) {
    snprintf(path, sizeof path, "%s/w%d.o", temp, 1 << i);
    unlink(path);
    snprintf(path, sizeof path, "%s/w%d.txt", temp, 1 << i);
    unlink(path);
  }
  snprintf(path, sizeof path, "%s/model.so", temp);
  unlink(path);
  rmdir(temp);
}

masting_status mst_cc(const char *source, const char *out, const mst_cc_options *o,
                      mst_error *err) {
  char temp[PATH_MAX + 32], built[PATH_MAX + 64], headers[PATH_MAX];
  if (mst_cc_headers(headers, sizeof headers, err) != MASTING_OK) return err->status;
  snprintf(temp, sizeof temp, "%s.XXXXXX", out);
  if (!mkdtemp(temp))
    return mst_fail(err, MASTING_ERR_NOFILE, "%s: cannot be written: %s", out, strerror(errno));
  snprintf(built, sizeof built, "%s/model.so", temp);
  if (compile_all(source, temp, headers, o, err) == MASTING_OK &&
      link_all(source, temp, o, err) == MASTING_OK && rename(built, out) != 0)
    mst_fail(err, MASTING_ERR_IO, "%s: cannot be written: %s", out, strerror(errno));
  clean(temp);
  return err->status;
}
