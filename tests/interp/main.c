/* tests/interp/main.c -- interp MODEL.stan DATA.json --at POINTS.json [--values]
 *                        interp MODEL.stan DATA.json --points K SEED [--values]
 *
 * Log density and gradient at the points, as `masting check --at --json` prints them, by the
 * plain interpreter and central differences of the eighth order; "error": the largest
 * difference, over a gradient's elements, from those of the sixth order, in parts of 1 +
 * |element|; "largest": of the numbers on the way, by which rounding may be judged. --values:
 * constrained parameters, transformed parameters and generated quantities too. --points: at K
 * random points, uniform in (-1, 1), which are printed too, as "at". Exit status: 2 a mistake in
 * the program, 65 one that shows when it runs, 69 a function that is not interpreted.
 */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interp.h"
#include "lang/check/check.h"
#include "lang/syntax/parse.h"

static char *read_file(const char *path) {
  FILE *f = fopen(path, "rb");
  size_t used = 0, room = 1 << 16;
  char *text = malloc(room);
  if (!f || !text) {
    fprintf(stderr, "interp: cannot read %s\n", path);
    exit(66);
  }
  for (size_t n; (n = fread(text + used, 1, room - used - 1, f)) > 0;) {
    used += n;
    if (room - used < 4096) text = realloc(text, room *= 2);
    if (!text) abort();
  }
  fclose(f);
  text[used] = '\0';
  return text;
}

typedef struct source {
  const char *path, *text;
  ast_program *program;
} source;

static const char *include(lang_context *c, const char *name, void *argument) {
  const char *from = argument, *slash = strrchr(from, '/');
  char *path = mst_lang_format(c, "%.*s%s", slash ? (int)(slash - from + 1) : 0, from, name);
  FILE *f = fopen(path, "rb");
  if (!f) return NULL;
  fclose(f);
  char *text = read_file(path);
  const char *copy = mst_lang_copy(c, text, strlen(text));
  free(text);
  return copy;
}

static void parse_and_check(lang_context *c, void *argument) {
  source *s = argument;
  int file = mst_lang_source(c, s->path, s->text);
  s->program = mst_parse(c, file, include, (void *)(uintptr_t)s->path);
  mst_check(c, s->program);
}

/* ---- slopes */

/* Central differences, of errors of order h^8 and, of three of the four pairs, h^6. */
static bool slope(interp *s, num *theta, long i, num h, num *out, num *rougher) {
  static const num weight[] = {4.0L / 5, -1.0L / 5, 4.0L / 105, -1.0L / 280},
                   less[] = {3.0L / 4, -3.0L / 20, 1.0L / 60, 0};
  num at = theta[i], sum = 0, other = 0, up, down;
  for (int k = 0; k < 4; k++) {
    theta[i] = at + (k + 1) * h;
    in_status first = interp_density(s, theta, &up);
    theta[i] = at - (k + 1) * h;
    in_status second = interp_density(s, theta, &down);
    theta[i] = at;
    if (first > IN_REJECTED || second > IN_REJECTED) return false;
    sum += weight[k] * (up - down);
    other += less[k] * (up - down);
  }
  *out = sum / h;
  *rougher = other / h;
  return true;
}

static json_t *json_of(num x) {
  if (isfinite((double)x)) return json_real((double)x);
  return json_string(isnan(x) ? "NaN" : x > 0 ? "Inf" : "-Inf");
}

static json_t *json_of_value(const val *v) {
  json_t *list;
  if (v->ndims) {
    list = json_array();
    for (long i = 0; i < v->dim[0]; i++) {
      val part = val_at(v, i);
      json_array_append_new(list, json_of_value(&part));
    }
    return list;
  }
  if (!v->item) return json_of(v->x[0]);
  list = json_array();
  for (int k = 0; k < v->type.nelements; k++)
    json_array_append_new(list, json_of_value(&v->item[k]));
  return list;
}

static void add_values(interp *s, json_t *object, const ast_stmt *block) {
  for (int i = 0; block && i < block->nstmts; i++) {
    const ast_decl *d = block->stmt[i]->decl;
    const val *v = d && block->stmt[i]->kind == AST_DECL ? interp_variable(s, d) : NULL;
    if (v) json_object_set_new(object, d->name, json_of_value(v));
  }
}

static json_t *values_of(interp *s, const num *theta) {
  if (interp_generate(s, theta) != IN_OK) return json_string(s->message);
  json_t *object = json_object();
  add_values(s, object, s->p->parameters);
  add_values(s, object, s->p->tparameters);
  add_values(s, object, s->p->generated);
  return object;
}

static int at_point(interp *s, const json_t *point, bool values, json_t *list) {
  num theta[s->nparams + 1], lp = 0;
  num error = 0;
  if ((long)json_array_size(point) != s->nparams) {
    fprintf(stderr, "interp: a point has %zu numbers; expected %ld\n", json_array_size(point),
            s->nparams);
    return 65;
  }
  for (long i = 0; i < s->nparams; i++)
    theta[i] = json_number_value(json_array_get(point, (size_t)i));
  s->largest = 0;
  if (interp_density(s, theta, &lp) > IN_REJECTED) return s->status == IN_BAD ? 65 : 69;
  const num largest = s->largest;
  json_t *grad = json_array(), *one = json_object();
  for (long i = 0; i < s->nparams; i++) {
    num g = NAN, rougher = NAN, h = ldexpl(1 + fabsl(theta[i]), -10);
    if (slope(s, theta, i, h, &g, &rougher)) {
      num off = fabsl(rougher - g) / (1 + fabsl(g));
      if (!(off <= error)) error = off;
    }
    json_array_append_new(grad, json_of(g));
  }
  json_object_set_new(one, "lp", json_of(lp));
  json_object_set_new(one, "grad", grad);
  json_object_set_new(one, "error", json_of(error));
  json_object_set_new(one, "largest", json_of(largest));
  if (values) json_object_set_new(one, "values", values_of(s, theta));
  json_array_append_new(list, one);
  return 0;
}

static json_t *random_points(long nparams, long count, unsigned long state) {
  json_t *list = json_array();
  for (long k = 0; k < count; k++) {
    json_t *point = json_array();
    for (long i = 0; i < nparams; i++) {
      state = state * 6364136223846793005UL + 1442695040888963407UL;
      double x = 2 * ((double)(state >> 11) * 0x1p-53) - 1;
      json_array_append_new(point, json_real(round(x * 1e6) / 1e6));
    }
    json_array_append_new(list, point);
  }
  return list;
}

/* at: a list of points */
static int at_points(interp *s, json_t *at, bool values) {
  json_t *list = json_array(), *point, *out = json_pack("{s:O}", "points", list);
  size_t i;
  int status = 0;
  json_array_foreach(at, i, point) {
    if (!status) status = at_point(s, point, values, list);
  }
  json_object_set(out, "at", at);
  if (status)
    fprintf(stderr, "interp: %s\n", s->message);
  else {
    json_dumpf(out, stdout, JSON_COMPACT);
    putchar('\n');
  }
  json_decref(out);
  json_decref(list);
  return status;
}

static json_t *points_of(const interp *s, char **argv) {
  json_error_t problem;
  if (strcmp(argv[3], "--points") == 0)
    return random_points(s->nparams, atol(argv[4]), (unsigned long)atol(argv[5]) + 1);
  json_t *root = json_load_file(argv[4], 0, &problem), *list = json_object_get(root, "points");
  if (!list) {
    fprintf(stderr, "interp: %s: no points\n", argv[4]);
    exit(66);
  }
  json_incref(list);
  json_decref(root);
  return list;
}

int main(int argc, char **argv) {
  lang_context c = {0};
  interp s = {0};
  int status = 0;
  const bool points = argc > 5 && strcmp(argv[3], "--points") == 0;
  if (argc < 5 || (!points && strcmp(argv[3], "--at") != 0)) {
    fprintf(stderr, "usage: interp MODEL.stan DATA.json --at POINTS.json [--values]\n"
                    "       interp MODEL.stan DATA.json --points K SEED [--values]\n");
    return 2;
  }
  char *text = read_file(argv[1]), *json = read_file(argv[2]);
  source program = {argv[1], text, NULL};
  if (!mst_lang_enter(&c, parse_and_check, &program)) {
    fprintf(stderr, "interp: %s\n", c.error);
    status = 2;
  } else if (!interp_begin(&s, &c, program.program, json)) {
    fprintf(stderr, "interp: %s\n", s.message);
    status = s.status == IN_UNKNOWN ? 69 : 65;
  } else {
    json_t *at = points_of(&s, argv);
    status = at_points(&s, at, strcmp(argv[argc - 1], "--values") == 0);
    json_decref(at);
  }
  interp_end(&s);
  mst_lang_free(&c);
  free(text);
  free(json);
  return status;
}
