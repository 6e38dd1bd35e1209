/* diag/rows_csv.c -- mst_csv_rows_add: a summary as CSV (RFC 4180). See summary.h. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "diag/summary.h"

/* Labels have commas, so they are quoted. */
static void print_text(const char *text, FILE *out) {
  fputc('"', out);
  for (; *text; text++) {
    if (*text == '"') fputc('"', out);
    fputc(*text, out);
  }
  fputc('"', out);
}

static void print_number(double x, FILE *out) {
  if (isnan(x))
    fputs("NaN", out);
  else if (isinf(x))
    fputs(x < 0 ? "-Inf" : "Inf", out);
  else
    fprintf(out, "%.17g", x);
}

masting_status mst_csv_rows_add(void *context, const mst_summary_piece *piece, mst_error *err) {
  mst_csv_rows *c = context;
  if (!c->begun) {
    fputs("variable", c->out);
    for (int i = 0; i < c->columns->count; i++) fprintf(c->out, ",%s", c->columns->column[i].key);
    fputc('\n', c->out);
    c->begun = true;
  }
  for (int64_t r = 0; r < piece->count; r++) {
    print_text(piece->row[r].label, c->out);
    for (int i = 0; i < c->columns->count; i++) {
      fputc(',', c->out);
      print_number(mst_column_of(&c->columns->column[i], &piece->row[r].value), c->out);
    }
    fputc('\n', c->out);
  }
  if (fflush(c->out) == 0 && !ferror(c->out)) return MASTING_OK;
  return mst_fail(err, MASTING_ERR_IO, "standard output: writing the summary failed: %s",
                  strerror(errno));
}
