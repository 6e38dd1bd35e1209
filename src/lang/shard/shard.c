/* lang/shard/shard.c -- the cut: analysis, then setup, density and generate in turn. See
 * shard.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/syntax/ast.h"
#include "lang/shard/shard_impl.h"

/* ---- which variables have rows */

static void find_row_dims(cut_state *k) {
  for (int i = 0; i < k->p->nvars; i++) {
    const ir_var *v = k->p->var[i];
    int found = -1, times = 0;
    for (int d = 0; d < v->ndims; d++)
      if (v->dim[d]->op == IR_LOAD && v->dim[d]->var == k->size) {
        found = found < 0 ? d : found;
        times++;
      }
    k->row_dim[i] = times == 1 || (times > 1 && v->role == IR_DATA) ? found : -1;
    if (times > 1) k->row_dim[i] = -1;
    if (v->role == IR_THETA || v->role == IR_LOOP) k->row_dim[i] = -1;
  }
}

static void whole_setup(cut_state *k, cut_list *setup, cut_list *density, cut_list *generate) {
  memset(k->inner, 0, (size_t)k->p->nvars * sizeof *k->inner);
  bool *read = k->reading;
  k->reading = k->read_by_rows;
  k->read_by_rows = read;
  memset(k->reading, 0, (size_t)k->p->nvars * sizeof *k->reading);
  k->changed = false;
  k->sums = true;
  *setup = mst_cut_split(k, &k->p->setup);
  k->sums = false;
  *density = mst_cut_split(k, &k->p->density);
  *generate = mst_cut_split(k, &k->p->generate);
}

/* ---- the row put first, or taken away */

typedef struct turn {
  cut_state *k;
  bool outputs; /* row outputs and data keep the row as dimension 0, locals lose it */
} turn;

static bool keeps_row(const ir_var *v) { return v->role != IR_LOCAL; }

static bool is_row(const cut_state *k, const ir_var *v) {
  return v->id < k->p->nvars && k->row_dim[v->id] >= 0 && !k->inner[v->id];
}

static void turn_index(cut_state *k, const ir_var *v, ir_expr **index, int *n) {
  int d = k->row_dim[v->id];
  ir_expr *row = index[d];
  for (int i = d; i > 0; i--) index[i] = index[i - 1];
  index[0] = row;
  if (!keeps_row(v)) {
    for (int i = 1; i < *n; i++) index[i - 1] = index[i];
    (*n)--;
  }
}

static void turn_expr(void *context, ir_expr *e) {
  cut_state *k = context;
  if (e->op == IR_LOAD && is_row(k, e->var)) {
    /* loads of loads: each node is visited once, and has its own list */
    turn_index(k, e->var, e->arg, &e->nargs);
  } else if (e->op == IR_LOAD && e->var == k->row && !e->integer) {
    return;
  }
}
static void turn_stmt(void *context, ir_stmt *s) {
  cut_state *k = context;
  if (s->kind == IR_ASSIGN && is_row(k, s->var)) turn_index(k, s->var, s->index, &s->nindices);
}

/* A row counter that is not the row index of a variable is the number of the row over all ranks. */
static void global_row(cut_state *k, ir_expr **e, bool index_of_row) {
  ir_expr *x = *e;
  if (x->op == IR_LOAD && x->var == k->row) {
    if (!index_of_row) *e = mst_ir_call2(k->c, IR_ADD, mst_ir_scalar(k->c, k->p->row_first), x);
    return;
  }
  for (int i = 0; i < x->nargs; i++)
    global_row(k, &x->arg[i], x->op == IR_LOAD && is_row(k, x->var) && i == k->row_dim[x->var->id]);
}
static void global_rows(void *context, ir_stmt *s) {
  cut_state *k = context;
  for (int i = 0; i < s->nindices; i++)
    global_row(k, &s->index[i], is_row(k, s->var) && i == k->row_dim[s->var->id]);
  if (s->rhs) global_row(k, &s->rhs, false);
  if (s->cond) global_row(k, &s->cond, false);
  if (s->count) global_row(k, &s->count, false);
  for (int i = 0; i < s->nsizes; i++) global_row(k, &s->size[i], false);
  for (int i = 0; i < s->nargs; i++) global_row(k, &s->arg[i], false);
}

static void turn_vars(cut_state *k) {
  for (int i = 0; i < k->p->nvars; i++) {
    ir_var *v = k->p->var[i];
    if (!is_row(k, v)) {
      v->shard_dim = -1;
      continue;
    }
    int d = k->row_dim[i];
    v->shard_dim = d;
    ir_expr **dim = MST_LANG_ARRAY(k->c, ir_expr *, v->ndims + 1);
    int n = 0;
    if (keeps_row(v)) dim[n++] = mst_ir_scalar(k->c, k->p->row_count);
    for (int j = 0; j < v->ndims; j++)
      if (j != d) dim[n++] = v->dim[j];
    v->dim = dim;
    v->ndims = n;
    if (v->role == IR_DATA) v->role = IR_ROW_DATA;
  }
}

/* ---- blocks of rows */

ir_block mst_cut_row_block(cut_state *k, const cut_list *list) {
  ir_block b = {0};
  ir_stmt *s = mst_ir_stmt(k->c, IR_FOR, (lang_loc){0});
  s->var = k->row;
  s->count = mst_ir_scalar(k->c, k->p->row_count);
  for (int i = 0; i < list->count; i++)
    for (int j = 0; list->segment[i].rows && j < list->segment[i].block.nstmts; j++)
      mst_ir_append(k->c, &s->body, list->segment[i].block.stmt[j]);
  if (!s->body.nstmts) return b;
  mst_cut_stmts(&s->body, global_rows, k);
  mst_cut_exprs(&s->body, turn_expr, k);
  mst_cut_stmts(&s->body, turn_stmt, k);
  mst_ir_append(k->c, &b, s);
  return b;
}

static ir_block replicated(cut_state *k, cut_list *list) {
  ir_block b = {0};
  for (int i = 0; i < list->count; i++)
    for (int j = 0; !list->segment[i].rows && j < list->segment[i].block.nstmts; j++)
      mst_ir_append(k->c, &b, list->segment[i].block.stmt[j]);
  return b;
}

/* ---- what rows read */

typedef struct reads {
  cut_state *k;
  ir_var **to; /* by variable id: its shared variable */
  bool *declared;
  bool density;
} reads;

static void note_decl(void *context, ir_stmt *s) {
  reads *r = context;
  if (s->kind == IR_DECL) r->declared[s->var->id] = true;
  if (s->kind == IR_FOR) r->declared[s->var->id] = true;
}

static ir_var *shared(reads *r, ir_var *v) {
  cut_state *k = r->k;
  if (r->declared[v->id] || (v->role != IR_LOCAL && v->role != IR_THETA)) return v;
  if (is_row(k, v)) return v;
  v->persistent = true;
  if (!r->density) return v;
  if (v->type != IR_LANE) {
    k->failed =
        mst_lang_format(k->c, "%s is data that changes in the model block and that rows read",
                        v->source_name ? v->source_name : v->name);
    return v;
  }
  if (!r->to[v->id]) {
    ir_var *s = mst_ir_var(k->c, k->p, v->name, IR_LANE, IR_SHARED, v->ndims, v->dim);
    s->source_name = v->source_name;
    s->constant = true;
    s->shard_dim = -1;
    s->shared_from = v;
    r->to[v->id] = s;
    MST_LANG_PUSH(k->c, k->p->shared, k->p->nshared, s);
  }
  return r->to[v->id];
}

static void share_expr(void *context, ir_expr *e) {
  reads *r = context;
  if (e->op == IR_LOAD && e->var->role != IR_SHARED && e->var != r->k->row)
    e->var = shared(r, e->var);
}
static void share_stmt(void *context, ir_stmt *s) {
  reads *r = context;
  for (int i = 0; i < s->nin; i++)
    if (s->in[i]->role != IR_SHARED) s->in[i] = shared(r, s->in[i]);
}

static void share(cut_state *k, ir_block *rows, bool density) {
  int n = k->p->nvars;
  reads r = {k, MST_LANG_ARRAY(k->c, ir_var *, n), MST_LANG_ARRAY(k->c, bool, n), density};
  mst_cut_stmts(rows, note_decl, &r);
  mst_cut_exprs(rows, share_expr, &r);
  mst_cut_stmts(rows, share_stmt, &r);
}

/* ---- density and generate */

static void cut_density(cut_state *k, cut_list *list) {
  ir_block top = {0};
  mst_cut_check_order(k, list, NULL);
  if (k->failed || !mst_cut_expand(k, &top, list)) return;
  ir_block rest = replicated(k, list);
  for (int i = 0; i < rest.nstmts; i++) mst_ir_append(k->c, &top, rest.stmt[i]);
  k->p->rows = mst_cut_row_block(k, list);
  k->p->density = top;
  share(k, &k->p->rows, true);
  mst_cut_number_rows(k);
}

static void cut_generate(cut_state *k, cut_list *list) {
  ir_block top = {0};
  mst_cut_check_order(k, list, NULL);
  if (k->failed || !mst_cut_expand(k, &top, list)) return;
  ir_block rest = replicated(k, list);
  for (int i = 0; i < rest.nstmts; i++) mst_ir_append(k->c, &top, rest.stmt[i]);
  k->p->generate_rows = mst_cut_row_block(k, list);
  k->p->generate = top;
  share(k, &k->p->generate_rows, false);
  int n = 0;
  for (int i = 0; i < k->p->noutputs; i++) {
    ir_var *v = k->p->output[i];
    if (is_row(k, v))
      MST_LANG_PUSH(k->c, k->p->row_output, k->p->nrow_outputs, v);
    else
      k->p->output[n++] = v;
  }
  k->p->noutputs = n;
}

static void describe(cut_state *k) {
  char line[4096];
  int n = snprintf(line, sizeof line,
                   "cut over the ranks: %s%s%.2000s\nvariables cut row by row:", k->size->name,
                   k->p->shard_also ? ", " : "", k->p->shard_also ? k->p->shard_also : "");
  for (int i = 0; i < k->p->ndata; i++)
    if (is_row(k, k->p->data[i]))
      n += snprintf(line + n, sizeof line - (size_t)n > 64 ? 64 : 0, " %.60s", k->p->data[i]->name);
  for (int i = 0; i < k->p->nparams && n < 4000; i++)
    if (k->p->param[i].local) n += snprintf(line + n, 64, " %.60s", k->p->param[i].decl->name);
  mst_cut_note(k, "%s", line);
  n = snprintf(line, sizeof line, "each row reads of the parameters (and sends their slopes):");
  for (int i = 0; i < k->p->nshared && n < 4000; i++)
    n += snprintf(line + n, 64, " %.60s", k->p->shared[i]->name);
  mst_cut_note(k, "%s", line);
  if (k->p->nphases)
    mst_cut_note(k, "transformed data: %d pass%s over the rows at load", k->p->nphases,
                 k->p->nphases > 1 ? "es" : "");
}

static void find_lines(void *context, ir_stmt *s) {
  int *most = context; /* lines[0] entries follow */
  if (s->kind != IR_TARGET || s->loc.line == 0 || most[0] >= 400) return;
  for (int i = 1; i <= most[0]; i++)
    if (most[i] == s->loc.line) return;
  most[++most[0]] = s->loc.line;
}

static int by_number(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

/* The lines of the model that add to target: where each runs. */
static void describe_lines(cut_state *k, const char *what, ir_block *b) {
  int lines[401] = {0}, used = 0;
  char text[512];
  mst_cut_stmts(b, find_lines, lines);
  if (lines[0] == 0) return;
  qsort(lines + 1, (size_t)lines[0], sizeof *lines, by_number);
  for (int i = 1; i <= lines[0] && used < 480; i++)
    used += snprintf(text + used, sizeof text - (size_t)used, " %d", lines[i]);
  mst_cut_note(k, "%s: line%s%s", what, lines[0] > 1 ? "s" : "", text);
}

static bool give_up(cut_state *k, const char **report) {
  mst_cut_note(k, "nothing is cut over the ranks: %s", k->failed);
  *report = k->report;
  return false;
}

static bool any_rows(const cut_list *l) {
  for (int i = 0; i < l->count; i++)
    if (l->segment[i].rows) return true;
  return false;
}

/* No row loops: for lack of any, or because what they need is whole; or they have little to do. */
static void is_any_left(cut_state *k, const cut_list *density) {
  const char *coupled = k->coupled ? k->coupled : k->found->count > 0 ? k->found->why[0] : NULL;
  const bool any = any_rows(density);
  if (any && (!coupled || mst_cut_is_worth_it(k, density))) return;
  k->failed = "no statement of the model goes row by row";
  if (!coupled) return;
  k->report = NULL;
  k->failed = mst_lang_format(k->c, "%s, and %s", coupled,
                              any ? "little is left to go row by row"
                                  : "nothing that is left reads data row by row");
}

bool mst_cut(lang_context *c, ir_program *p, lang_whole *whole, const char **report) {
  cut_state k = {.c = c, .p = p, .size = p->shard_size, .found = whole};
  const int given = whole->count;
  cut_list setup, density, generate;
  *report = "nothing is cut over the ranks: no size was chosen\n";
  if (!p->shard_size) return true;
  k.row = mst_ir_var(c, p, "row", IR_INT, IR_LOOP, 0, NULL);
  k.row->constant = true;
  p->row_count = mst_ir_var(c, p, "rows", IR_INT, IR_DATA, 0, NULL);
  p->row_first = mst_ir_var(c, p, "first_row", IR_INT, IR_DATA, 0, NULL);
  p->row_count->constant = p->row_first->constant = true;
  k.row_dim = MST_LANG_ARRAY(c, int, p->nvars + 1);
  k.inner = MST_LANG_ARRAY(c, bool, p->nvars + 1);
  k.whole = MST_LANG_ARRAY(c, bool, p->nvars + 1);
  k.reading = MST_LANG_ARRAY(c, bool, p->nvars + 1);
  k.read_by_rows = MST_LANG_ARRAY(c, bool, p->nvars + 1);
  find_row_dims(&k);
  mst_cut_start_whole(&k);
  do whole_setup(&k, &setup, &density, &generate);
  while (k.changed && !k.failed);
  if (whole->count > given && !k.failed) return false; /* to be lowered again */
  /* with what rows now read of whole variables */
  if (!k.failed) whole_setup(&k, &setup, &density, &generate);
  if (!k.failed) is_any_left(&k, &density);
  if (k.failed) return give_up(&k, report);
  k.final = true;
  whole_setup(&k, &setup, &density, &generate);
  int vars = p->nvars;
  mst_cut_setup(&k, &setup);
  /* variables made since have no rows */
  int *dim = MST_LANG_ARRAY(c, int, p->nvars + 1024);
  bool *inner = MST_LANG_ARRAY(c, bool, p->nvars + 1024);
  memset(dim, 0xff, (size_t)(p->nvars + 1024) * sizeof *dim);
  memcpy(dim, k.row_dim, (size_t)vars * sizeof *dim);
  memcpy(inner, k.inner, (size_t)vars * sizeof *inner);
  k.row_dim = dim;
  k.inner = inner;
  if (!k.failed) cut_density(&k, &density);
  if (!k.failed) cut_generate(&k, &generate);
  if (k.failed) return give_up(&k, report);
  describe(&k);
  describe_lines(&k, "row by row", &p->rows);
  describe_lines(&k, "on every rank alike", &p->density);
  turn_vars(&k);
  *report = k.report;
  return true;
}
