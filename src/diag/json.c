/* diag/json.c -- mst_json_rows: row by row, so that memory does not grow with them. See
 * summary.h. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "diag/summary.h"

static json_t *number(double x) { return isfinite(x) ? json_real(x) : json_null(); }

static json_t *count(int64_t n) { return n < 0 ? json_null() : json_integer(n); }

static const char *label(const char *text) { return *text ? text : NULL; }

/* Takes the value over and prints it. */
static bool print(json_t *value, FILE *out) {
  bool good = value && json_dumpf(value, out, JSON_COMPACT | JSON_ENCODE_ANY) == 0;
  json_decref(value);
  return good;
}

static json_t *row_json(const mst_columns *columns, const mst_summary_row *r) {
  json_t *row = json_object();
  json_object_set_new(row, "label", json_string(r->label));
  for (int i = 0; i < columns->count; i++)
    json_object_set_new(row, columns->column[i].key,
                        number(mst_column_of(&columns->column[i], &r->value)));
  return row;
}

static bool begin_variable(const mst_draws_variable *v, FILE *out) {
  json_t *shape = json_array();
  for (int a = 0; a < v->ndims; a++) json_array_append_new(shape, json_integer(v->axis[a].size));
  fputs("{\"name\":", out);
  bool good = print(json_string(v->name), out);
  fprintf(out, ",\"moments\":%s,\"by_row\":%s,\"shape\":", v->moments ? "true" : "false",
          v->by_row ? "true" : "false");
  good = print(shape, out) && good;
  fputs(",\"rows\":[", out);
  return good;
}

static masting_status failed(mst_error *err) {
  return mst_fail(err, MASTING_ERR_IO, "standard output: writing the summary failed: %s",
                  errno ? strerror(errno) : "its text is not UTF-8");
}

static void begin(mst_json_rows *j) {
  if (!j->begun)
    fprintf(j->out, "{\"chains\":%lld,\"draws\":%lld,\"variables\":[", (long long)j->reader->chains,
            (long long)j->reader->draws);
  j->begun = true;
}

masting_status mst_json_rows_add(void *context, const mst_summary_piece *piece, mst_error *err) {
  mst_json_rows *j = context;
  bool good = true;
  if (piece->begins) {
    if (j->begun) fputs(",\n", j->out);
    begin(j);
    good = begin_variable(piece->variable, j->out);
    j->rows = false;
  }
  for (int64_t r = 0; r < piece->count && good; r++) {
    fputs(j->rows ? ",\n" : "\n", j->out);
    j->rows = true;
    good = print(row_json(j->columns, &piece->row[r]), j->out);
  }
  if (piece->ends) fputs("]}", j->out);
  return good ? MASTING_OK : failed(err);
}

static json_t *verdict_json(const mst_summary *s) {
  const mst_verdict *v = &s->verdict;
  json_t *ebfmi = v->ebfmi ? json_array() : json_null();
  for (int64_t c = 0; c < s->chains && v->ebfmi; c++)
    json_array_append_new(ebfmi, number(v->ebfmi[c]));
  return json_pack("{s:o, s:o, s:I, s:I, s:o, s:s?, s:o, s:o, s:I, s:s?, s:I, s:o}", "divergences",
                   count(v->divergences), "saturated", count(v->saturated), "unfinished",
                   (json_int_t)v->unfinished, "undefined", (json_int_t)v->undefined, "worst_r_hat",
                   number(v->worst_rhat), "worst_r_hat_label", label(v->worst_rhat_label),
                   "least_ess_bulk", number(v->least_ess_bulk), "least_ess_tail",
                   number(v->least_ess_tail), "over_r_hat", (json_int_t)v->over_rhat,
                   "least_ess_label", label(v->least_ess_label), "under_ess",
                   (json_int_t)v->under_ess, "e_bfmi", ebfmi);
}

masting_status mst_json_rows_end(mst_json_rows *j, const mst_summary *s, mst_error *err) {
  begin(j);
  fputs("],\n\"diagnostics\":", j->out);
  bool good = print(verdict_json(s), j->out);
  fputs("}\n", j->out);
  return good && fflush(j->out) == 0 && !ferror(j->out) ? MASTING_OK : failed(err);
}
