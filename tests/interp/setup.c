/* tests/interp/setup.c -- data from JSON, the blocks in order. See interp.h. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "interp.h"

enum { MOST_STEPS = 5000000 };

/* ---- data */

static num number_of(interp *s, const ast_decl *d, const json_t *x) {
  const char *text = json_string_value(x);
  if (json_is_integer(x)) return (num)json_integer_value(x);
  if (json_is_real(x)) return json_real_value(x);
  if (text && strcmp(text, "NaN") == 0) return NAN;
  if (text && strstr(text, "Inf")) return text[0] == '-' ? -INFINITY : INFINITY;
  interp_fail(s, IN_BAD, d->loc, "data: an element of '%s' is not a number", d->name);
}

static void read_value(interp *s, const ast_decl *d, val *v, int level, long *at, const json_t *x) {
  if (level == v->ndims && v->item) {
    for (int k = 0; k < d->type.nelements; k++) {
      long inner = 0;
      char key[16];
      snprintf(key, sizeof key, "%d", k + 1);
      val *part = &v->item[*at * d->type.nelements + k];
      read_value(s, d->element[k], part, 0, &inner, json_object_get(x, key));
    }
    ++*at;
    return;
  }
  if (level == v->ndims) {
    v->x[(*at)++] = number_of(s, d, x);
    return;
  }
  if (!json_is_array(x) || (long)json_array_size(x) != v->dim[level]) {
    if (v->n == 0) return;
    interp_fail(s, IN_BAD, d->loc, "data: '%s' has another size than declared", d->name);
  }
  for (long i = 0; i < v->dim[level]; i++)
    read_value(s, d, v, level + 1, at, json_array_get(x, (size_t)i));
}

static void read_data(interp *s, const json_t *root) {
  for (int i = 0; s->p->data && i < s->p->data->nstmts; i++) {
    const ast_decl *d = s->p->data->stmt[i]->decl;
    if (!d) continue;
    const json_t *x = json_object_get(root, d->name);
    val v = in_declare(s, d);
    long at = 0;
    if (!x && v.n) interp_fail(s, IN_BAD, d->loc, "data: '%s' is missing", d->name);
    if (x) read_value(s, d, &v, 0, &at, x);
    in_bind(s, d, v);
  }
}

/* ---- blocks */

/* What the variables of a block are in the end is held against their constraints. */
static void check_block(interp *s, const ast_stmt *block, in_status otherwise) {
  for (int i = 0; block && i < block->nstmts; i++) {
    const ast_decl *d = block->stmt[i]->kind == AST_DECL ? block->stmt[i]->decl : NULL;
    if (d && d->top && !in_keeps(s, d, interp_variable(s, d)))
      interp_fail(s, otherwise, d->loc, "%s is not what it is declared to be", d->name);
  }
}

static void run_block(interp *s, const ast_stmt *block) {
  int locals = s->nlocals;
  for (int i = 0; block && i < block->nstmts; i++) in_run(s, block->stmt[i]);
  s->nlocals = locals;
}

static long declarations(const ast_stmt *block) {
  long n = 0;
  for (int i = 0; block && i < block->nstmts; i++) n += block->stmt[i]->decl != NULL;
  return n;
}

static void make_table(interp *s) {
  const ast_program *p = s->p;
  long n = declarations(p->data) + declarations(p->tdata) + declarations(p->parameters) +
           declarations(p->tparameters) + declarations(p->model) + declarations(p->generated);
  for (s->globals = 16; s->globals < 4 * n; s->globals *= 2)
    ;
  s->global = calloc((size_t)s->globals, sizeof *s->global);
  if (!s->global) abort();
}

bool interp_begin(interp *s, lang_context *c, const ast_program *p, const char *json) {
  json_error_t problem;
  *s = (interp){.c = c, .p = p, .steps = MOST_STEPS};
  json_t *root = json_loads(json, JSON_DECODE_INT_AS_REAL * 0, &problem);
  make_table(s);
  if (setjmp(s->bail) == 0) {
    if (!root) interp_fail(s, IN_BAD, (lang_loc){0}, "data: broken JSON: %s", problem.text);
    read_data(s, root);
    check_block(s, p->data, IN_BAD);
    run_block(s, p->tdata);
    check_block(s, p->tdata, IN_BAD);
    for (int i = 0; p->parameters && i < p->parameters->nstmts; i++)
      if (p->parameters->stmt[i]->decl)
        s->nparams += in_free_count(s, p->parameters->stmt[i]->decl);
    s->loaded = mem_mark(&s->mem);
  }
  json_decref(root);
  return s->status == IN_OK;
}

static void until_parameters(interp *s, const num *theta) {
  mem_release(&s->mem, s->loaded);
  s->nlocals = s->base = s->depth = 0;
  s->status = IN_OK;
  s->theta = theta;
  s->at = 0;
  s->target = 0;
  s->steps = MOST_STEPS;
  for (int i = 0; s->p->parameters && i < s->p->parameters->nstmts; i++) {
    const ast_decl *d = s->p->parameters->stmt[i]->decl;
    if (d) in_bind(s, d, in_parameter(s, d));
  }
}

in_status interp_density(interp *s, const num *theta, num *lp) {
  if (setjmp(s->bail) == 0) {
    until_parameters(s, theta);
    run_block(s, s->p->tparameters);
    check_block(s, s->p->tparameters, IN_REJECTED);
    run_block(s, s->p->model);
    *lp = s->target;
  } else if (s->status == IN_REJECTED) {
    *lp = -INFINITY;
  }
  return s->status;
}

in_status interp_generate(interp *s, const num *theta) {
  if (setjmp(s->bail) == 0) {
    until_parameters(s, theta);
    run_block(s, s->p->tparameters);
    run_block(s, s->p->generated);
    check_block(s, s->p->generated, IN_REJECTED);
  }
  return s->status;
}

void interp_end(interp *s) {
  free(s->global);
  free(s->local);
  mem_free(&s->mem);
}
