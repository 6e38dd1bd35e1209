/* lang/shard/shard.c -- the cut: analysis, then setup, density and generate. See
 * shard.h. */
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
    const bool rows = times == 1 && v->role != IR_THETA && v->role != IR_LOOP;
    mst_cut_var(k, v)->rows = rows ? found + 1 : 0;
  }
}

static void whole_setup(cut_state *k, cut_list *setup, cut_list *density, cut_list *generate) {
  for (int i = 0; i < k->p->nvars; i++) {
    cut_var *of = mst_cut_var(k, k->p->var[i]);
    of->read_by_rows = of->reading;
    of->inner = of->reading = false;
  }
  k->changed = false;
  k->sums = true;
  *setup = mst_cut_split(k, &k->p->setup);
  k->sums = false;
  *density = mst_cut_split(k, &k->p->density);
  *generate = mst_cut_split(k, &k->p->generate);
}

/* ---- blocks of rows */

static ir_block replicated(cut_state *k, cut_list *list) {
  ir_block b = {0};
  for (int i = 0; i < list->count; i++)
    for (int j = 0; !list->segment[i].rows && j < list->segment[i].block.nstmts; j++)
      mst_ir_append(k->c, &b, list->segment[i].block.stmt[j]);
  return b;
}

/* ---- density and generate */

static void cut_density(cut_state *k, cut_list *list) {
  ir_block top = {0};
  mst_cut_check_order(k, list, NULL);
  if (k->failed || !mst_cut_expand(k, &top, list, false)) return;
  ir_block rest = replicated(k, list);
  for (int i = 0; i < rest.nstmts; i++) mst_ir_append(k->c, &top, rest.stmt[i]);
  k->p->rows = mst_cut_row_block(k, list);
  k->p->density = top;
  mst_cut_share(k, &k->p->rows, true);
  mst_cut_number_rows(k);
}

static void cut_generate(cut_state *k, cut_list *list) {
  ir_block top = {0};
  mst_cut_check_order(k, list, NULL);
  if (k->failed || !mst_cut_expand(k, &top, list, false)) return;
  ir_block rest = replicated(k, list);
  for (int i = 0; i < rest.nstmts; i++) mst_ir_append(k->c, &top, rest.stmt[i]);
  k->p->generate_rows = mst_cut_row_block(k, list);
  k->p->generate = top;
  mst_cut_share(k, &k->p->generate_rows, false);
  int n = 0;
  for (int i = 0; i < k->p->noutputs; i++) {
    ir_var *v = k->p->output[i];
    if (mst_cut_is_row(k, v))
      MST_LANG_PUSH(k->c, k->p->row_output, k->p->nrow_outputs, v);
    else
      k->p->output[n++] = v;
  }
  k->p->noutputs = n;
}

static bool give_up(cut_state *k, const char **report) {
  mst_cut_note(k, "nothing is cut over the ranks: %s", k->failed);
  *report = k->report;
  return false;
}

/* No row loops: for lack of any, or because what they need is whole; or they have little to do. */
static void is_any_left(cut_state *k, const cut_list *density) {
  const char *coupled = k->coupled ? k->coupled : k->found->count > 0 ? k->found->why[0] : NULL;
  const bool any = mst_cut_any_rows(density);
  if (any && (!coupled || mst_cut_is_worth_it(k, density))) return;
  k->failed = "no statement of the model goes row by row";
  if (!coupled) return;
  k->report = NULL;
  k->failed = mst_lang_format(k->c, "%s, and %s", coupled,
                              any ? "little is left to go row by row"
                                  : "nothing that is left reads data row by row");
}

bool mst_cut(lang_context *c, ir_program *p, lang_whole *whole, const char **report) {
  ir_table vars = mst_ir_table(c, sizeof(cut_var));
  cut_state k = {.c = c, .p = p, .size = p->shard_size, .found = whole, .vars = &vars};
  const int given = whole->count;
  cut_list setup, density, generate;
  *report = "nothing is cut over the ranks: no size was chosen\n";
  if (!p->shard_size) return true;
  k.row = mst_ir_var(c, p, "row", IR_INT, IR_LOOP, 0, NULL);
  k.row->constant = true;
  p->row_count = mst_ir_var(c, p, "rows", IR_INT, IR_DATA, 0, NULL);
  p->row_first = mst_ir_var(c, p, "first_row", IR_INT, IR_DATA, 0, NULL);
  p->row_count->constant = p->row_first->constant = true;
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
  mst_cut_setup(&k, &setup);
  if (!k.failed) cut_density(&k, &density);
  if (!k.failed) cut_generate(&k, &generate);
  if (k.failed) return give_up(&k, report);
  mst_cut_describe(&k);
  mst_cut_reorder_vars(&k);
  *report = k.report;
  return true;
}
