/* model/build.c -- see build.h. */
#define _GNU_SOURCE
#include "model/build.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/file.h"
#include "lang/compile.h"
#include "model/cache.h"

#define LONGEST_PROGRAM ((size_t)64 << 20) /* bytes of a file: none is so long, but devices are */

bool mst_is_stan(const char *name) {
  size_t n = strlen(name);
  return n > 5 && !strcmp(name + n - 5, ".stan");
}

static const char *find_include(lang_context *c, const char *name, void *argument) {
  const char *from = argument, *slash = strrchr(from, '/');
  char path[PATH_MAX];
  size_t bytes;
  snprintf(path, sizeof path, "%.*s%s", slash ? (int)(slash - from + 1) : 0, from, name);
  char *text = mst_file_read(path, LONGEST_PROGRAM, &bytes);
  const char *copy = text ? mst_lang_copy(c, text, bytes) : NULL;
  free(text);
  return copy;
}

/* eight-schools.stan: eight_schools */
static char *model_name(const char *path) {
  const char *slash = strrchr(path, '/');
  char *name = strdup(slash ? slash + 1 : path);
  if (!name) return NULL;
  name[strlen(name) - 5] = '\0';
  for (char *p = name; *p; p++)
    if (!isalnum((unsigned char)*p)) *p = '_';
  if (isdigit((unsigned char)name[0])) name[0] = '_';
  return name;
}

/* -D flags for ints of the data that are known and small: loops over them are unrolled. */
static char *known_flags(const mst_lang_options *lang, const mst_lang_result *result) {
  enum { MOST = 16 };
  char *flags = strdup("");
  for (int i = 0; i < result->nknown && lang->value && flags; i++) {
    int64_t value;
    char *more = NULL;
    if (!lang->value(lang->argument, result->known[i], &value) || value < 0 || value > MOST)
      continue;
    if (asprintf(&more, "%s -DMASTING_KNOWN_%s(x)=%d", flags, result->known[i], (int)value) < 0)
      more = NULL;
    free(flags);
    flags = more;
  }
  return flags;
}

masting_status mst_build_translate(const char *path, const mst_build_options *o, mst_built *built,
                                   mst_error *err) {
  size_t bytes = 0;
  lang_context c = {0};
  mst_lang_result result;
  *built = (mst_built){0};
  char *text = mst_file_read(path, LONGEST_PROGRAM, &bytes);
  if (!text)
    return mst_fail(err, MASTING_ERR_NOFILE, "%s: cannot open the model: %s", path,
                    strerror(errno));
  if (strlen(text) != bytes) {
    free(text);
    return mst_fail(err, MASTING_ERR_MODEL,
                    "%s: not a text; expected a Stan program, got a zero byte", path);
  }
  mst_lang_options lang = o->lang;
  lang.find_include = find_include;
  lang.include_argument = (void *)(uintptr_t)path;
  lang.optimise = !o->no_optimise;
  lang.verify |= getenv("MASTING_VERIFY_IR") != NULL; /* set by tests/run_test.sh */
  built->name = model_name(path);
  built->path = strdup(path);
  if (!built->name || !built->path) {
    mst_fail(err, MASTING_ERR_MEMORY, "%s: no memory left", path);
  } else if (!mst_lang_compile(&c, path, built->name, text, &lang, &result)) {
    mst_fail(err, MASTING_ERR_MODEL, "%s", c.error);
  } else {
    built->c_text = strdup(result.c_text ? result.c_text : "");
    built->ir_text = result.ir_text ? strdup(result.ir_text) : NULL;
    built->report = strdup(result.report ? result.report : "");
    built->one_lane = result.program->one_lane;
    built->known = known_flags(&lang, &result);
    for (int i = 0; i < c.nwarnings; i++) fprintf(stderr, "masting: warning: %s\n", c.warning[i]);
  }
  mst_lang_free(&c);
  free(text);
  return err->status;
}

void mst_built_free(mst_built *b) {
  free(b->path);
  free(b->name);
  free(b->c_text);
  free(b->ir_text);
  free(b->report);
  free(b->known);
  *b = (mst_built){0};
}

static void hash_text(XXH3_state_t *h, const char *text) {
  XXH3_128bits_update(h, text ? text : "-", text ? strlen(text) + 1 : 1);
}

/* The headers that generated C includes: another version of them is another model. */
static void hash_headers(XXH3_state_t *h, const char *folder) {
  static const char *const parts[] = {"masting", "masting/stan"};
  char path[PATH_MAX + 512];
  for (int i = 0; i < 2; i++) {
    snprintf(path, sizeof path, "%s/%s", folder, parts[i]);
    struct dirent **entry = NULL;
    int n = scandir(path, &entry, NULL, alphasort);
    for (int k = 0; k < n; k++) {
      size_t bytes = 0;
      snprintf(path, sizeof path, "%s/%s/%s", folder, parts[i], entry[k]->d_name);
      char *text = strstr(entry[k]->d_name, ".h") ? mst_file_read(path, 0, &bytes) : NULL;
      if (text) XXH3_128bits_update(h, text, bytes);
      free(text);
      free(entry[k]);
    }
    free(entry);
  }
}

static masting_status key_of(const mst_built *b, const mst_cc_options *o, char key[33],
                             mst_error *err) {
  char headers[PATH_MAX];
  if (mst_cc_headers(headers, sizeof headers, err) != MASTING_OK) return err->status;
  XXH3_state_t *h = XXH3_createState();
  if (!h) return mst_fail(err, MASTING_ERR_MEMORY, "compile: no memory left");
  XXH3_128bits_reset(h);
  hash_text(h, b->c_text);
  hash_text(h, o->cc ? o->cc : getenv("CC"));
  hash_text(h, o->march);
  hash_text(h, o->cflags);
  hash_text(h, b->known);
  hash_text(h, MASTING_MODE);
  XXH3_128bits_update(h, &o->widths, sizeof o->widths);
  hash_headers(h, headers);
  XXH128_hash_t v = XXH3_128bits_digest(h);
  XXH3_freeState(h);
  snprintf(key, 33, "%016llx%016llx", (unsigned long long)v.high64, (unsigned long long)v.low64);
  return MASTING_OK;
}

static masting_status write_text(const char *path, const char *text, mst_error *err) {
  FILE *f = fopen(path, "wb");
  bool ok = f && fputs(text, f) >= 0;
  if (f && fclose(f) != 0) ok = false;
  if (!ok) mst_fail(err, MASTING_ERR_IO, "%s: cannot be written: %s", path, strerror(errno));
  return err->status;
}

/* gcc's time grows faster than the C: with 12.2 at -O3, 8 lanes, 0.3 s for 35 kB of scalars, 1.4 s
 * for 120 kB, over 100 s for 870 kB (-O1: 19 s, -O0: 6 s). */
#define LARGE 262144
#define ENORMOUS 2097152

static const char *optimisation_of(const char *c_text) {
  const size_t size = strlen(c_text);
  return size > ENORMOUS ? "-O0" : size > LARGE ? "-O1" : "";
}

static masting_status compile_with(const char *known, const mst_built *b,
                                   const mst_build_options *o, const char *source, const char *kept,
                                   const char *object, mst_error *err) {
  mst_cc_options cc = o->cc;
  char *flags = NULL;
  if (b->one_lane) cc.widths = 1;
  cc.stan = b->path;
  cc.kept = kept;
  /* the user's own flags come last */
  if (asprintf(&flags, "%s %s %s", optimisation_of(b->c_text), o->cc.cflags ? o->cc.cflags : "",
               known) < 0)
    return mst_fail(err, MASTING_ERR_MEMORY, "compile: no memory left");
  cc.cflags = flags;
  mst_cc(source, object, &cc, err);
  free(flags);
  return err->status;
}

static masting_status compile(const mst_built *b, const mst_build_options *o, const char *stem,
                              const char *object, mst_error *err) {
  char source[PATH_MAX + 64], kept[PATH_MAX + 64], made[PATH_MAX + 64];
  snprintf(kept, sizeof kept, "%s.c", stem);
  /* under names of its own first: another job may be writing the same model */
  snprintf(source, sizeof source, "%s.%ld.c", stem, (long)getpid());
  snprintf(made, sizeof made, "%s.%ld.so", stem, (long)getpid());
  if (write_text(source, b->c_text, err) != MASTING_OK) return err->status;
  if (o->compiling) o->compiling(o->context, b->name);
  if (*optimisation_of(b->c_text))
    fprintf(stderr,
            "masting: %s is long (%zu kB of C): compiled with %s, which is faster to make "
            "and slower to run\n",
            b->name, strlen(b->c_text) / 1024, optimisation_of(b->c_text));
  const bool knows = b->known && *b->known;
  compile_with(knows ? b->known : "", b, o, source, kept, made, err);
  /* gcc 12 has been seen to break over them (2 lanes, SSE2) */
  if (err->status == MASTING_ERR_MODEL && knows) {
    mst_warn("%s: the C compiler failed with small numbers of the data compiled in; trying without",
             b->name);
    *err = (mst_error){0};
    compile_with("", b, o, source, kept, made, err);
  }
  rename(source, kept);
  if (err->status == MASTING_OK) mst_cache_seal(made, object, err);
  return err->status;
}

masting_status mst_build(const char *path, const mst_build_options *o, char **object,
                         mst_error *err) {
  char folder[PATH_MAX - 128], stem[PATH_MAX], key[33];
  mst_built b;
  *object = NULL;
  if (mst_build_translate(path, o, &b, err) == MASTING_OK &&
      mst_cache_folder(folder, sizeof folder, err) == MASTING_OK &&
      key_of(&b, &o->cc, key, err) == MASTING_OK) {
    snprintf(stem, sizeof stem, "%s/%.60s-%s", folder, b.name, key);
    if (asprintf(object, "%s.so", stem) < 0) {
      *object = NULL;
      mst_fail(err, MASTING_ERR_MEMORY, "compile: no memory left");
    } else if (!mst_cache_sound(*object)) {
      compile(&b, o, stem, *object, err);
    }
  }
  mst_built_free(&b);
  return err->status;
}
