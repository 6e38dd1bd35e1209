/* run/identity.c -- see identity.h. */
#define _GNU_SOURCE
#include "config.h"

#include "run/identity.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const metrics[] = {"diag", "diag-var", "unit", "dense", "lowrank", "auto"};
static const char *const samplers[] = {"nuts", "rotation", "auto"};
static const char *const latents[] = {"auto", "all", "moments", "none"};
static const char *const spreads[] = {"auto", "always", "never"};

static void add_model(FILE *f, const mst_target *t) {
  fprintf(f, "masting=%s\nmodel=%s\nmodel text=%016" PRIx64 "\ndata=%016" PRIx64 "\n",
          PACKAGE_VERSION, t->model->name, t->model_hash, t->data->hash);
  for (int i = 0; i < t->model->nsizes; i++)
    fprintf(f, "size %s=%" PRId64 "\n", t->model->sizes[i].name, t->size[i]);
  fprintf(f, "SIMD level=%s\n--reduction=%s\n--lanes=%d\n", mst_isa_name(t->isa),
          t->reduction == MST_EXACT ? "exact" : "fast", t->lanes);
}

static void add_options(FILE *f, const mst_sample_options *o) {
  fprintf(f, "--seed=%" PRIu64 "\n--chains=%d\n--warmup=%d\n", o->seed, o->chains, o->warmup);
  fprintf(f, "--metric=%s\n--metric-spread=%s\n--no-pool=%s\n--metric-file=%s\n",
          metrics[o->metric], spreads[o->distribute], o->pool ? "no" : "yes",
          o->metric_file ? o->metric_file : "none");
  fprintf(f, "--target-accept=%.17g\n--max-depth=%d\n--init=%s\n--init radius=%.17g\n",
          o->target_accept, o->max_depth, mst_init_names[o->init], o->init_radius);
  fprintf(f, "--sampler=%s\n", samplers[o->sampler]);
  fprintf(f, "--save-warmup=%s\n--latents=%s\n", o->save_warmup ? "yes" : "no",
          latents[o->latents]);
}

char *mst_identity(const mst_sampler *s) {
  char *text = NULL;
  size_t size = 0;
  FILE *f = open_memstream(&text, &size);
  if (!f) return NULL;
  add_model(f, s->target);
  add_options(f, s->options);
  if (s->options->identity) fputs(s->options->identity, f);
  if (fclose(f) != 0) {
    free(text);
    return NULL;
  }
  return text;
}

/* ---- comparing ---- */

/* The value of a name among the lines, and its length; NULL: it is not there. */
static const char *value_of(const char *lines, const char *name, size_t length, size_t *bytes) {
  for (const char *at = lines; *at; at += strcspn(at, "\n"), at += *at != '\0')
    if (strncmp(at, name, length) == 0 && at[length] == '=') {
      *bytes = strcspn(at + length + 1, "\n");
      return at + length + 1;
    }
  return NULL;
}

static void add(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void add(char *text, size_t size, const char *format, ...) {
  const size_t used = strlen(text);
  va_list rest;
  va_start(rest, format);
  vsnprintf(text + used, size - used, format, rest);
  va_end(rest);
}

int mst_identity_differs(const char *was, const char *now, char *text, size_t size) {
  int count = 0;
  text[0] = '\0';
  for (const char *at = now; *at; at += strcspn(at, "\n"), at += *at != '\0') {
    const size_t length = strcspn(at, "=\n");
    size_t a = 0, b = 0;
    const char *x = value_of(was, at, length, &a), *y = value_of(now, at, length, &b);
    if (x && y && a == b && strncmp(x, y, a) == 0) continue;
    add(text, size, "%s%.*s was %.*s and is now %.*s", count++ ? ", " : "", (int)length, at,
        x ? (int)a : 4, x ? x : "none", y ? (int)b : 4, y ? y : "none");
  }
  return count;
}
