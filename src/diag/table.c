/* diag/table.c -- mst_summary_print: aligned columns on the decimal point. See summary.h. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/show.h"
#include "diag/summary.h"

#define COLUMNS 8
#define CELL 32

static const char *const heads[COLUMNS] = {"mean",      "sd",       "5%",       "95%",
                                           "mcse_mean", "ess_bulk", "ess_tail", "r_hat"};

typedef struct line {
  char cell[COLUMNS][CELL];
} line;

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

static void fill(line *l, const mst_element *e) {
  const double values[5] = {e->mean, e->sd, e->q5, e->q95, e->mcse_mean};
  for (int i = 0; i < 5; i++) number(l->cell[i], values[i], decimals_of(e));
  number(l->cell[5], e->ess_bulk, 0);
  number(l->cell[6], e->ess_tail, 0);
  number(l->cell[7], e->r_hat, 3);
}

/* Characters up to the point, or all of them. */
static int before_point(const char *cell) { return (int)strcspn(cell, "."); }

typedef struct widths {
  int label, left[COLUMNS], right[COLUMNS];
} widths;

/* Display width of UTF-8 text, one column a character. */
static int columns_of(const char *text) {
  int n = 0;
  for (; *text; text++) n += ((unsigned char)*text & 0xc0) != 0x80;
  return n;
}

static void widen(widths *w, const char *label, const line *l) {
  if (columns_of(label) > w->label) w->label = columns_of(label);
  for (int i = 0; i < COLUMNS; i++) {
    int left = before_point(l->cell[i]), right = (int)strlen(l->cell[i]) - left;
    if (left > w->left[i]) w->left[i] = left;
    if (right > w->right[i]) w->right[i] = right;
  }
}

static void print_line(const widths *w, const char *label, const line *l, FILE *out) {
  fprintf(out, "%s%*s", label, w->label - columns_of(label), "");
  for (int i = 0; i < COLUMNS; i++) {
    int left = before_point(l->cell[i]), right = (int)strlen(l->cell[i]) - left;
    fprintf(out, "  %*s%s%*s", w->left[i] - left, "", l->cell[i],
            i + 1 < COLUMNS ? w->right[i] - right : 0, "");
  }
  fputc('\n', out);
}

static void print_heads(widths *w, FILE *out) {
  for (int i = 0; i < COLUMNS; i++) {
    int short_by = (int)strlen(heads[i]) - w->left[i] - w->right[i];
    if (short_by > 0) w->left[i] += short_by;
  }
  fprintf(out, "%*s", w->label, "");
  for (int i = 0; i < COLUMNS; i++) fprintf(out, "  %*s", w->left[i] + w->right[i], heads[i]);
  fputc('\n', out);
}

masting_status mst_summary_print(const mst_summary *s, int64_t rows_each, FILE *out, FILE *notes,
                                 mst_error *err) {
  char a[MST_SHOW_SIZE];
  line *lines;
  widths w = {0};
  if (mst_alloc((void **)&lines, (size_t)s->rows, sizeof *lines, "summary: table", err))
    return err->status;
  for (int pass = 0; pass < 2; pass++) {
    if (pass) print_heads(&w, out);
    for (int64_t i = 0; i < s->variables; i++) {
      const mst_summary_variable *v = &s->variable[i];
      int64_t shown = rows_each >= 0 && v->rows > rows_each ? rows_each : v->rows;
      for (int64_t r = v->first_row; r < v->first_row + shown; r++) {
        if (pass)
          print_line(&w, s->row[r].label, &lines[r], out);
        else
          fill(&lines[r], &s->row[r].value), widen(&w, s->row[r].label, &lines[r]);
      }
      if (pass && shown < v->rows)
        fprintf(notes, "%s: ... %s more rows; --all shows them\n", v->name,
                mst_show_count(v->rows - shown, a));
    }
  }
  mst_free(&lines);
  if (fflush(out) == 0 && !ferror(out)) return MASTING_OK;
  return mst_fail(err, MASTING_ERR_IO, "standard output: writing the summary failed: %s",
                  strerror(errno));
}
