/* lang/ir/ir_verify.c -- see ir_verify.h: the program's names and tables, and which functions the
 * emitter makes of it. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/ir/ir_ode.h"
#include "lang/ir/ir_verify_impl.h"

void mst_ir_fault(const verify_state *k, const char *format, ...) {
  char text[600];
  va_list list;
  va_start(list, format);
  vsnprintf(text, sizeof text, format, list);
  va_end(list);
  mst_lang_fail(
      k->c, k->loc, 1,
      "the compiler, after pass %s, in %s: %s; this is a mistake of masting and not of the "
      "program; please report it with the program",
      k->after, k->function, text);
}

const char *mst_ir_fault_name(const verify_state *k, const ir_var *v) {
  return mst_lang_format(k->c, "'%s'", v->name);
}

/* ---- names */

static int by_name(const void *a, const void *b) {
  return strcmp((*(ir_var *const *)a)->name, (*(ir_var *const *)b)->name);
}

/* An identifier that ends in the mark, which stands nowhere else in it. */
static bool has_mark(const char *name) {
  const size_t n = strlen(name);
  if (n < 3 || !isalpha((unsigned char)name[0])) return false;
  for (size_t i = 0; i < n; i++)
    if (!isalnum((unsigned char)name[i]) && name[i] != '_') return false;
  const char *mark = strstr(name, "__");
  return mark && mark == name + n - 2;
}

static void names(const verify_state *k) {
  const ir_program *p = k->p;
  ir_var **sorted = MST_LANG_ARRAY(k->c, ir_var *, p->nvars + 1);
  for (int i = 0; i < p->nvars; i++) {
    sorted[i] = p->var[i];
    if (!has_mark(p->var[i]->name))
      mst_ir_fault(
          k,
          "'%s' is a name that C or the runtime may have; expected a name that ends in two "
          "underscores, and has no others together",
          p->var[i]->name);
    if (p->var[i]->id != i)
      mst_ir_fault(k,
                   "'%s' is not in the program's table of variables; expected it under its number, "
                   "%d",
                   p->var[i]->name, p->var[i]->id);
  }
  qsort(sorted, (size_t)p->nvars, sizeof *sorted, by_name);
  for (int i = 1; i < p->nvars; i++)
    if (!strcmp(sorted[i - 1]->name, sorted[i]->name))
      mst_ir_fault(k, "two variables are called '%s'; expected a name for each", sorted[i]->name);
}

/* ---- what comes from outside */

static void give(verify_state *k, const ir_var *v) {
  if (v) mst_set_add(k->c, &k->given, v);
}

static void give_list(verify_state *k, ir_var *const *v, int n) {
  for (int i = 0; i < n; i++) give(k, v[i]);
}

/* By its role: what a function finds without a declaration. `inside`: roles that setup makes are
 * not there yet. */
static void give_roles(verify_state *k, bool inside) {
  k->given = (ir_set){0};
  give_list(k, k->p->data, k->p->ndata);
  give(k, k->p->row_count);
  give(k, k->p->row_first);
  for (int i = 0; i < k->p->nvars; i++) {
    const ir_var *v = k->p->var[i];
    const bool made = v->role == IR_DATA && !inside && mst_set_has(&k->made, v);
    if (made || v->role == IR_ROW_DATA || v->role == IR_THETA || v->role == IR_ROW_THETA ||
        v->role == IR_SHARED || v->role == IR_OUTPUT)
      give(k, v);
    if (v->adjoint && (v->role == IR_THETA || v->role == IR_ROW_THETA || v->role == IR_SHARED))
      give(k, v->adjoint);
  }
}

static void find_made(const ir_stmt *s, void *argument) {
  verify_state *k = argument;
  if (s->var && s->kind == IR_DECL && s->var->role == IR_DATA && (s->rhs || s->var->ndims > 0))
    mst_set_add(k->c, &k->made, s->var);
  if (s->kind == IR_ASSIGN && s->var->role == IR_DATA) mst_set_add(k->c, &k->made, s->var);
  for (int i = 0; i < s->nout; i++)
    if (s->out[i]->role == IR_DATA) mst_set_add(k->c, &k->made, s->out[i]);
}

static void find_made_in(verify_state *k, const ir_block *b) {
  for (int i = 0; i < b->nstmts; i++) mst_ir_visit_stmts(b->stmt[i], find_made, k);
}

static void find_kept(const ir_stmt *s, void *argument) {
  verify_state *k = argument;
  if (s->kind == IR_DECL && s->var->persistent) give(k, s->var);
}

/* Variables that the block declares and another function finds in the slot or the state. */
static void give_kept(verify_state *k, const ir_block *b) {
  for (int i = 0; i < b->nstmts; i++) mst_ir_visit_stmts(b->stmt[i], find_kept, k);
}

/* ---- functions */

static void one(verify_state *k, const char *function, const ir_block *b) {
  mst_ir_verify_scope(k, function, &b, 1);
}

static void both(verify_state *k, const char *function, const ir_gradient *g) {
  mst_ir_verify_scope(k, function, (const ir_block *const[]){&g->forward, &g->reverse}, 2);
}

static void load_time(verify_state *k) {
  const ir_program *p = k->p;
  give_roles(k, true);
  one(k, "setup", &p->setup);
  find_made_in(k, &p->setup);
  for (int i = 0; i < p->nphases; i++) {
    for (int j = 0; j < p->phase[i].nsums; j++) mst_set_add(k->c, &k->made, p->phase[i].sum[j]);
    give_roles(k, false);
    one(k, "the rows of a phase", &p->phase[i].rows);
    one(k, "the end of a phase", &p->phase[i].after);
    find_made_in(k, &p->phase[i].after);
  }
}

static void density(verify_state *k) {
  const ir_program *p = k->p;
  give_roles(k, false);
  if (!p->differentiated) {
    one(k, "the density", &p->density);
    one(k, "the rows", &p->rows);
    return;
  }
  both(k, "the rows", &p->rows_gradient);
  if (!p->split) {
    both(k, "the density", &p->density_gradient);
    return;
  }
  one(k, "the forward sweep", &p->density_gradient.forward);
  give_kept(k, &p->density_gradient.forward);
  one(k, "the reverse sweep", &p->density_gradient.reverse);
}

static void generate(verify_state *k) {
  give_roles(k, false);
  one(k, "generated quantities", &k->p->generate);
  give_kept(k, &k->p->generate);
  one(k, "generated quantities of rows", &k->p->generate_rows);
}

static void normal(verify_state *k, const ir_normal *n) {
  give_roles(k, false);
  give_list(k, (ir_var *const[]){n->row, n->col, n->rows, n->cols, n->lead, n->out, n->weight}, 7);
  one(k, "the elements of a covariance", &n->covariance);
  if (k->p->differentiated)
    both(k, "the slopes of a covariance", &n->gradient);
  else
    one(k, "the slopes of a covariance", &n->slopes);
}

static void equations(verify_state *k, const ir_block *b);

static void equation(const ir_stmt *s, void *argument) {
  verify_state *k = argument;
  const ir_ode *ode = s->kind == IR_ROUTINE ? s->ode : NULL;
  if (!ode) return;
  equations(k, &ode->block);
  give_roles(k, false);
  give_list(k, (ir_var *const[]){ode->t, ode->y, ode->p, ode->dydt}, 4);
  for (int i = 0; i < 4; i++) {
    const ir_var *v = ((ir_var *const[]){ode->t, ode->y, ode->p, ode->dydt})[i];
    if (v && v->adjoint) give(k, v->adjoint);
  }
  give_list(k, ode->data, ode->ndata);
  give_list(k, ode->integer, ode->nints);
  one(k, "the slopes of an equation", &ode->block);
  if (ode->differentiated) both(k, "the Jacobian of an equation", &ode->gradient);
}

static void equations(verify_state *k, const ir_block *b) {
  for (int i = 0; i < b->nstmts; i++) mst_ir_visit_stmts(b->stmt[i], equation, k);
}

void mst_ir_verify(lang_context *c, const ir_program *p, const char *after) {
  verify_state k = {.c = c, .p = p, .after = after, .function = "the program"};
  names(&k);
  load_time(&k);
  density(&k);
  generate(&k);
  for (int i = 0; i < p->nnormals; i++) normal(&k, &p->normal[i]);
  equations(&k, &p->setup);
  equations(&k, &p->density);
  equations(&k, &p->rows);
  equations(&k, &p->generate);
  equations(&k, &p->generate_rows);
}
