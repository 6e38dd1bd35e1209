/* diag/columns.c -- see columns.h. */
#include "diag/columns.h"

#include <stdio.h>
#include <string.h>

#include "base/nearest.h"

const char *const mst_column_names[] = {"mean",      "sd",       "median",    "mad",
                                        "quantiles", "hdi",      "mcse_mean", "mcse_sd",
                                        "ess_bulk",  "ess_tail", "r_hat",     NULL};

static const struct {
  const char *name;
  mst_column_kind kind;
  size_t offset;
} plain[] = {{"mean", MST_COLUMN_VALUE, offsetof(mst_element, mean)},
             {"sd", MST_COLUMN_VALUE, offsetof(mst_element, sd)},
             {"median", MST_COLUMN_VALUE, offsetof(mst_element, median)},
             {"mad", MST_COLUMN_VALUE, offsetof(mst_element, mad)},
             {"mcse_mean", MST_COLUMN_VALUE, offsetof(mst_element, mcse_mean)},
             {"mcse_sd", MST_COLUMN_VALUE, offsetof(mst_element, mcse_sd)},
             {"ess_bulk", MST_COLUMN_COUNT, offsetof(mst_element, ess_bulk)},
             {"ess_tail", MST_COLUMN_COUNT, offsetof(mst_element, ess_tail)},
             {"r_hat", MST_COLUMN_RATIO, offsetof(mst_element, r_hat)}};

static void add(mst_columns *c, const char *head, const char *key, mst_column_kind kind,
                size_t offset) {
  mst_column *to = &c->column[c->count++];
  snprintf(to->head, sizeof to->head, "%s", head);
  snprintf(to->key, sizeof to->key, "%s", key);
  to->kind = kind;
  to->offset = offset;
}

static void add_quantiles(mst_columns *c, const mst_element_choice *choice) {
  char head[24], key[24];
  for (int i = 0; i < choice->nquantiles; i++) {
    snprintf(head, sizeof head, "%.6g%%", 100 * choice->quantile[i]);
    snprintf(key, sizeof key, "q%.6g", 100 * choice->quantile[i]);
    add(c, head, key, MST_COLUMN_VALUE,
        offsetof(mst_element, quantile) + (size_t)i * sizeof(double));
  }
}

/* Called as ArviZ calls them: hdi_3%, hdi_97%. */
static void add_hdi(mst_columns *c, const mst_element_choice *choice) {
  char head[24];
  const double outside = 50 * (1 - choice->hdi);
  snprintf(head, sizeof head, "hdi_%.6g%%", outside);
  add(c, head, "hdi_low", MST_COLUMN_VALUE, offsetof(mst_element, hdi_low));
  snprintf(head, sizeof head, "hdi_%.6g%%", 100 - outside);
  add(c, head, "hdi_high", MST_COLUMN_VALUE, offsetof(mst_element, hdi_high));
}

static masting_status add_named(mst_columns *c, const char *name, const mst_element_choice *choice,
                                mst_error *err) {
  if (c->count + MST_QUANTILES > MST_COLUMNS)
    return mst_fail(err, MASTING_ERR_USAGE, "--columns: too many; expected each at most once");
  if (!strcmp(name, "quantiles")) return add_quantiles(c, choice), MASTING_OK;
  if (!strcmp(name, "hdi")) return add_hdi(c, choice), MASTING_OK;
  for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
    if (!strcmp(name, plain[i].name))
      return add(c, name, name, plain[i].kind, plain[i].offset), MASTING_OK;
  const char *near = mst_nearest(name, mst_column_names);
  return mst_fail(err, MASTING_ERR_USAGE,
                  "--columns: unknown column; expected of mean, sd, median, mad, quantiles, hdi, "
                  "mcse_mean, mcse_sd, ess_bulk, ess_tail, r_hat, got '%s'%s%s%s",
                  name, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

masting_status mst_columns_make(mst_columns *columns, const char *const *names, int count, bool hdi,
                                const mst_element_choice *choice, mst_error *err) {
  static const char *const shown[] = {"mean",      "sd",       "quantiles", "hdi",
                                      "mcse_mean", "ess_bulk", "ess_tail",  "r_hat"};
  *columns = (mst_columns){0};
  if (count < 0) {
    names = mst_column_names;
    count = sizeof mst_column_names / sizeof *mst_column_names - 1;
    hdi = true;
  } else if (!names || count == 0) {
    names = shown;
    count = sizeof shown / sizeof *shown;
  } else {
    hdi = true;
  }
  for (int i = 0; i < count && !err->status; i++)
    if (hdi || strcmp(names[i], "hdi")) add_named(columns, names[i], choice, err);
  return err->status;
}

double mst_column_of(const mst_column *column, const mst_element *element) {
  double x;
  memcpy(&x, (const char *)element + column->offset, sizeof x);
  return x;
}
