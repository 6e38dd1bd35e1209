/* lang/shard/shard_report.c -- the report: what is cut over the ranks, and what is not. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lang/shard/shard_impl.h"
#include "lang/syntax/ast.h"

void mst_cut_note(cut_state *k, const char *format, ...) {
  char text[512];
  va_list list;
  va_start(list, format);
  vsnprintf(text, sizeof text, format, list);
  va_end(list);
  k->report = mst_lang_format(k->c, "%s%s\n", k->report ? k->report : "", text);
}

static void describe(cut_state *k) {
  char line[4096];
  int n = snprintf(line, sizeof line, "cut over the ranks: %s%s%.2000s\nvariables cut row by row:",
                   mst_ir_shown(k->c, k->size), k->p->shard_also ? ", " : "",
                   k->p->shard_also ? k->p->shard_also : "");
  for (int i = 0; i < k->p->ndata; i++)
    if (mst_cut_is_row(k, k->p->data[i]))
      n += snprintf(line + n, sizeof line - (size_t)n > 64 ? 64 : 0, " %.60s",
                    mst_ir_shown(k->c, k->p->data[i]));
  for (int i = 0; i < k->p->nparams && n < 4000; i++)
    if (k->p->param[i].local) n += snprintf(line + n, 64, " %.60s", k->p->param[i].decl->name);
  mst_cut_note(k, "%s", line);
  n = snprintf(line, sizeof line, "each row reads of the parameters (and sends their slopes):");
  for (int i = 0; i < k->p->nshared && n < 4000; i++)
    n += snprintf(line + n, 64, " %.60s", mst_ir_unmarked(k->c, k->p->shared[i]->name));
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
  mst_ir_edit_stmts(b, find_lines, lines);
  if (lines[0] == 0) return;
  qsort(lines + 1, (size_t)lines[0], sizeof *lines, by_number);
  for (int i = 1; i <= lines[0] && used < 480; i++)
    used += snprintf(text + used, sizeof text - (size_t)used, " %d", lines[i]);
  mst_cut_note(k, "%s: line%s%s", what, lines[0] > 1 ? "s" : "", text);
}

void mst_cut_describe(cut_state *k) {
  describe(k);
  describe_lines(k, "row by row", &k->p->rows);
  describe_lines(k, "on every rank alike", &k->p->density);
}
