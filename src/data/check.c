/* data/check.c -- see check.h. */
#include "data/check.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

mst_rule mst_rule_make(const masting_model *model, int var, const int64_t *size) {
  const masting_data *d = &model->data[var];
  mst_rule r = {.whole = d->type == MASTING_I32,
                .infinite = d->infinite && d->type != MASTING_I32,
                .lower = d->lower,
                .upper = d->upper};
  if (d->upper_size != MASTING_NO_SIZE) r.upper = fmin(r.upper, (double)size[d->upper_size]);
  return r;
}

void mst_faults_clear(mst_faults *faults) {
  for (int k = 0; k < MST_FAULTS; k++) {
    faults->count[k] = 0;
    faults->first[k] = INT64_MAX;
    faults->value[k] = 0;
  }
}

/* Counts, rather than stops at, what is outside: the loop has no branch and vectorises. Comparisons
 * with NaN are false, so NaN counts. */
#define COUNT_OUTSIDE_(T, p)                                                                       \
  for (int64_t i = 0; i < count; i++) {                                                            \
    double x = (double)((const T *)(p))[i];                                                        \
    bad += !((x >= low) & (x <= high));                                                            \
  }

bool mst_check_clean(const mst_rule *rule, mst_held held, const void *values, int64_t count) {
  double most = rule->infinite ? INFINITY : DBL_MAX;
  double low = fmax(rule->lower, rule->whole ? INT32_MIN : -most);
  double high = fmin(rule->upper, rule->whole ? INT32_MAX : most);
  int64_t bad = 0;
  switch (held) {
  case MST_HELD_F64:
    COUNT_OUTSIDE_(double, values)
    if (rule->whole && !bad) {
      const double *x = values;
      for (int64_t i = 0; i < count; i++) bad += x[i] != (double)(int32_t)x[i];
    }
    break;
  case MST_HELD_F32:
    COUNT_OUTSIDE_(float, values) break;
  case MST_HELD_I32:
    COUNT_OUTSIDE_(int32_t, values) break;
  case MST_HELD_I64:
    COUNT_OUTSIDE_(int64_t, values) break;
  }
  return bad == 0;
}

double mst_held_value(mst_held held, const void *values, int64_t i) {
  switch (held) {
  case MST_HELD_F64:
    return ((const double *)values)[i];
  case MST_HELD_F32:
    return (double)((const float *)values)[i];
  case MST_HELD_I32:
    return (double)((const int32_t *)values)[i];
  case MST_HELD_I64:
    return (double)((const int64_t *)values)[i];
  }
  return NAN;
}

void mst_check_record(const mst_rule *rule, mst_held held, const void *values, int64_t i,
                      int64_t element, mst_faults *faults) {
  double x = mst_held_value(held, values, i);
  mst_fault k = MST_FAULTS;
  if (rule->infinite ? isnan(x) : !isfinite(x))
    k = MST_FAULT_NOT_FINITE;
  else if (rule->whole && x != floor(x))
    k = MST_FAULT_NOT_WHOLE;
  else if (rule->whole && (x < INT32_MIN || x > INT32_MAX))
    k = MST_FAULT_TOO_WIDE;
  else if (x < rule->lower)
    k = MST_FAULT_BELOW;
  else if (x > rule->upper)
    k = MST_FAULT_ABOVE;
  if (k == MST_FAULTS) return;
  faults->count[k]++;
  if (element >= faults->first[k]) return;
  faults->first[k] = element;
  faults->value[k] = x;
}

mst_fault mst_faults_worst(const mst_faults *faults) {
  int k = 0;
  while (k < MST_FAULTS && !faults->count[k]) k++;
  return (mst_fault)k;
}

/* "X[4211,3] = nan (row 4211, 1-based)": memory order is row, then the dims before the sharded one,
 * then those after it. */
static void name_element(char *text, size_t size, const masting_data *d, const mst_var_schema *v,
                         int64_t element, double value) {
  int64_t index[MASTING_MAX_DIMS] = {0}, row = -1, left = element;
  if (v->shard_dim >= 0) {
    row = element / (v->before * v->after);
    left = element % (v->before * v->after);
  }
  for (int i = d->ndims - 1; i >= 0; i--) {
    if (i == v->shard_dim) continue;
    index[i] = left % v->dims[i];
    left /= v->dims[i];
  }
  if (row >= 0) index[v->shard_dim] = row;
  int used = snprintf(text, size, "%s", d->name);
  for (int i = 0; i < d->ndims; i++)
    used += snprintf(text + used, size - (size_t)used, "%c%" PRId64, i ? ',' : '[', index[i] + 1);
  used += snprintf(text + used, size - (size_t)used, "%s = %.9g", d->ndims ? "]" : "", value);
  if (row >= 0)
    snprintf(text + used, size - (size_t)used, " (row %" PRId64 ", 1-based)", row + 1);
  else if (d->ndims)
    snprintf(text + used, size - (size_t)used, " (1-based)");
}

masting_status mst_faults_fail(const mst_faults *faults, const char *path,
                               const masting_model *model, int var, const mst_schema *schema,
                               mst_error *err) {
  static const char *const one[MST_FAULTS] = {"is not finite", "is not a whole number",
                                              "does not fit 32 bits", "is too small",
                                              "is too large"};
  static const char *const many[MST_FAULTS] = {"are not finite", "are not whole numbers",
                                               "do not fit 32 bits", "are too small",
                                               "are too large"};
  const masting_data *d = &model->data[var];
  mst_fault k = mst_faults_worst(faults);
  char where[200], wanted[100] = "finite numbers";
  if (k == MST_FAULTS) return MASTING_OK;
  name_element(where, sizeof where, d, &schema->var[var], faults->first[k], faults->value[k]);
  if (k == MST_FAULT_NOT_WHOLE || k == MST_FAULT_TOO_WIDE)
    snprintf(wanted, sizeof wanted, "int, as the model declares it");
  else if (k == MST_FAULT_BELOW && d->lower > 0 && d->lower < 0x1p-900)
    snprintf(wanted, sizeof wanted,
             "a value above 0"); /* how a model says so with inclusive bounds */
  else if (k == MST_FAULT_BELOW)
    snprintf(wanted, sizeof wanted, "at least %.9g", d->lower);
  else if (k == MST_FAULT_ABOVE && d->upper_size != MASTING_NO_SIZE &&
           (double)schema->size[d->upper_size] <= d->upper)
    snprintf(wanted, sizeof wanted, "at most %s = %" PRId64, model->sizes[d->upper_size].name,
             schema->size[d->upper_size]);
  else if (k == MST_FAULT_ABOVE)
    snprintf(wanted, sizeof wanted, "at most %.9g", d->upper);
  return mst_fail(err, MASTING_ERR_DATA, "%s: %s: %" PRId64 " value%s %s; expected %s, got %s%s",
                  path, d->name, faults->count[k], faults->count[k] == 1 ? "" : "s",
                  faults->count[k] == 1 ? one[k] : many[k], wanted,
                  faults->count[k] == 1 ? "" : "first ", where);
}
