/* diag/table.c -- mst_table: a summary in aligned columns on the decimal point. See summary.h.
 *
 * Lines are kept until their widths are known, and printed when there are many of them: later ones
 * are at least as wide.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/show.h"
#include "diag/summary.h"

#define CELL 32
#define HELD 4096 /* lines in memory at most */

typedef struct line {
  char *label;
  char cell[MST_COLUMNS][CELL];
} line;

typedef struct widths {
  int label, left[MST_COLUMNS], right[MST_COLUMNS];
} widths;

struct mst_table {
  const mst_columns *columns;
  FILE *out, *notes;
  int64_t rows_each; /* of a variable; < 0: all */
  int64_t shown, hidden;
  bool by_row, headed;
  widths w;
  int lines;
  line line[HELD];
};

/* Two digits of the Monte Carlo error are as many as mean something; without it, four of the sd. */
static int decimals_of(const mst_element *e) {
  double unit = e->mcse_mean > 0 ? 10 * e->mcse_mean : e->sd > 0 ? 0.1 * e->sd : 0;
  if (!(unit > 0) || !isfinite(unit)) return 3;
  int decimals = 2 - (int)floor(log10(unit));
  return decimals < 0 ? 0 : decimals > 12 ? 12 : decimals;
}

static void number(char cell[CELL], double x, int decimals) {
  if (isnan(x))
    snprintf(cell, CELL, "-");
  else if (fabs(x) >= 1e9 || (decimals > 9 && x != 0))
    snprintf(cell, CELL, "%.4e", x);
  else
    snprintf(cell, CELL, "%.*f", decimals, x);
}

static void fill(const mst_columns *columns, line *l, const mst_element *e) {
  for (int i = 0; i < columns->count; i++) {
    const mst_column *c = &columns->column[i];
    int decimals = c->kind == MST_COLUMN_VALUE   ? decimals_of(e)
                   : c->kind == MST_COLUMN_RATIO ? 3
                                                 : 0;
    number(l->cell[i], mst_column_of(c, e), decimals);
  }
}

/* Characters up to the point, or all of them. */
static int before_point(const char *cell) { return (int)strcspn(cell, "."); }

/* Display width of UTF-8 text, one column a character. */
static int columns_of(const char *text) {
  int n = 0;
  for (; *text; text++) n += ((unsigned char)*text & 0xc0) != 0x80;
  return n;
}

static void widen(widths *w, int columns, const line *l) {
  if (columns_of(l->label) > w->label) w->label = columns_of(l->label);
  for (int i = 0; i < columns; i++) {
    int left = before_point(l->cell[i]), right = (int)strlen(l->cell[i]) - left;
    if (left > w->left[i]) w->left[i] = left;
    if (right > w->right[i]) w->right[i] = right;
  }
}

static void print_line(const widths *w, int columns, const line *l, FILE *out) {
  fprintf(out, "%s%*s", l->label, w->label - columns_of(l->label), "");
  for (int i = 0; i < columns; i++) {
    int left = before_point(l->cell[i]), right = (int)strlen(l->cell[i]) - left;
    fprintf(out, "  %*s%s%*s", w->left[i] - left, "", l->cell[i],
            i + 1 < columns ? w->right[i] - right : 0, "");
  }
  fputc('\n', out);
}

static void print_heads(widths *w, const mst_columns *columns, FILE *out) {
  for (int i = 0; i < columns->count; i++) {
    int short_by = (int)strlen(columns->column[i].head) - w->left[i] - w->right[i];
    if (short_by > 0) w->left[i] += short_by;
  }
  fprintf(out, "%*s", w->label, "");
  for (int i = 0; i < columns->count; i++)
    fprintf(out, "  %*s", w->left[i] + w->right[i], columns->column[i].head);
  fputc('\n', out);
}

static void flush(mst_table *t) {
  for (int i = 0; i < t->lines; i++) widen(&t->w, t->columns->count, &t->line[i]);
  if (t->lines && !t->headed) print_heads(&t->w, t->columns, t->out);
  t->headed = t->headed || t->lines;
  for (int i = 0; i < t->lines; i++) {
    print_line(&t->w, t->columns->count, &t->line[i], t->out);
    free(t->line[i].label);
  }
  t->lines = 0;
}

masting_status mst_table_begin(mst_table **table, const mst_summary_options *o, FILE *out,
                               FILE *notes, mst_error *err) {
  if (mst_alloc((void **)table, 1, sizeof **table, "summary: table", err)) return err->status;
  mst_table *t = *table;
  t->columns = &o->columns;
  t->out = out;
  t->notes = notes;
  t->rows_each = o->all ? -1 : MST_SUMMARY_ROWS;
  return MASTING_OK;
}

/* The table of what rows have begins: a blank line and heads of its own. */
static void begin_rows(mst_table *t) {
  flush(t);
  if (t->headed) fputc('\n', t->out);
  t->headed = false;
  t->by_row = true;
  memset(&t->w, 0, sizeof t->w);
}

masting_status mst_table_add(void *context, const mst_summary_piece *piece, mst_error *err) {
  mst_table *t = context;
  char a[MST_SHOW_SIZE];
  if (piece->begins) t->shown = t->hidden = 0;
  if (piece->variable->by_row && !t->by_row) begin_rows(t);
  for (int64_t r = 0; r < piece->count; r++) {
    if (t->rows_each >= 0 && t->shown == t->rows_each) {
      t->hidden += piece->count - r;
      break;
    }
    if (t->lines == HELD) flush(t);
    line *l = &t->line[t->lines];
    l->label = strdup(piece->row[r].label);
    if (!l->label) return mst_fail(err, MASTING_ERR_MEMORY, "summary: cannot allocate labels");
    fill(t->columns, l, &piece->row[r].value);
    t->lines++;
    t->shown++;
  }
  if (piece->ends && t->hidden)
    fprintf(t->notes, "%s: ... %s more rows; --all shows them\n", piece->variable->name,
            mst_show_count(t->hidden, a));
  return MASTING_OK;
}

masting_status mst_table_end(mst_table **table, mst_error *err) {
  mst_table *t = *table;
  if (!t) return err->status;
  FILE *out = t->out;
  flush(t);
  mst_free(table);
  if (fflush(out) == 0 && !ferror(out)) return err->status;
  return mst_fail(err, MASTING_ERR_IO, "standard output: writing the summary failed: %s",
                  strerror(errno));
}
