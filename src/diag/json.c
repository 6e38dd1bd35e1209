/* diag/json.c -- mst_summary_print_json: row by row, so that memory does not grow with them. See
 * summary.h. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "diag/summary.h"

static json_t *number(double x) { return isfinite(x) ? json_real(x) : json_null(); }

static json_t *count(int64_t n) { return n < 0 ? json_null() : json_integer(n); }

/* Takes the value over and prints it. */
static bool print(json_t *value, FILE *out) {
  bool good = value && json_dumpf(value, out, JSON_COMPACT | JSON_ENCODE_ANY) == 0;
  json_decref(value);
  return good;
}

static json_t *row_json(const mst_summary_row *r) {
  const mst_element *e = &r->value;
  return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "label", r->label, "mean",
                   number(e->mean), "sd", number(e->sd), "q5", number(e->q5), "q95", number(e->q95),
                   "mcse_mean", number(e->mcse_mean), "ess_bulk", number(e->ess_bulk), "ess_tail",
                   number(e->ess_tail), "r_hat", number(e->r_hat));
}

static bool print_variable(const mst_summary *s, const mst_summary_variable *v, FILE *out) {
  json_t *shape = json_array();
  for (int a = 0; a < v->ndims; a++) json_array_append_new(shape, json_integer(v->dims[a]));
  fputs("{\"name\":", out);
  bool good = print(json_string(v->name), out);
  fprintf(out, ",\"moments\":%s,\"shape\":", v->moments ? "true" : "false");
  good = print(shape, out) && good;
  fputs(",\"rows\":[", out);
  for (int64_t r = 0; r < v->rows && good; r++) {
    fputs(r ? ",\n" : "\n", out);
    good = print(row_json(&s->row[v->first_row + r]), out);
  }
  fputs("]}", out);
  return good;
}

static json_t *verdict_json(const mst_summary *s) {
  const mst_verdict *v = &s->verdict;
  json_t *ebfmi = v->ebfmi ? json_array() : json_null();
  for (int64_t c = 0; c < s->chains && v->ebfmi; c++)
    json_array_append_new(ebfmi, number(v->ebfmi[c]));
  return json_pack("{s:o, s:o, s:I, s:I, s:o, s:s?, s:o, s:o, s:I, s:s?, s:I, s:o}", "divergences",
                   count(v->divergences), "saturated", count(v->saturated), "unfinished",
                   (json_int_t)v->unfinished, "undefined", (json_int_t)v->undefined, "worst_r_hat",
                   number(v->worst_rhat), "worst_r_hat_label", v->worst_rhat_label,
                   "least_ess_bulk", number(v->least_ess_bulk), "least_ess_tail",
                   number(v->least_ess_tail), "over_r_hat", (json_int_t)v->over_rhat,
                   "least_ess_label", v->least_ess_label, "under_ess", (json_int_t)v->under_ess,
                   "e_bfmi", ebfmi);
}

masting_status mst_summary_print_json(const mst_summary *s, FILE *out, mst_error *err) {
  fprintf(out, "{\"chains\":%lld,\"draws\":%lld,\"variables\":[", (long long)s->chains,
          (long long)s->draws);
  bool good = true;
  for (int64_t i = 0; i < s->variables && good; i++) {
    if (i) fputs(",\n", out);
    good = print_variable(s, &s->variable[i], out);
  }
  fputs("],\n\"diagnostics\":", out);
  good = print(verdict_json(s), out) && good;
  fputs("}\n", out);
  if (good && fflush(out) == 0 && !ferror(out)) return MASTING_OK;
  return mst_fail(err, MASTING_ERR_IO, "standard output: writing the summary failed: %s",
                  errno ? strerror(errno) : "its text is not UTF-8");
}
