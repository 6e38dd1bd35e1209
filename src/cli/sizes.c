/* cli/sizes.c -- --size and --data NAME=VALUE, and the sizes of a batch of chains. See job.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/job.h"
#include "cli/number.h"

static masting_status one_value(mst_opts *opts, const char *option, const char *item,
                                mst_size_value *to, mst_error *err) {
  const char *equals = strchr(item, '=');
  if (!equals || equals == item)
    return mst_fail(err, MASTING_ERR_USAGE, "%s %s: no `=`; expected NAME=VALUE; try %s %s", option,
                    item, option, to->data ? "tau=2.5" : "N=5000");
  char where[128], name[64];
  snprintf(name, sizeof name, "%.*s", (int)(equals - item), item);
  snprintf(where, sizeof where, "%s %s", option, name);
  to->name = mst_opts_keep(opts, name);
  if (!to->name) return mst_fail(err, MASTING_ERR_MEMORY, "%s: no memory left", where);
  if (!to->data) return mst_parse_whole(where, equals + 1, 0, 0x1p53, "5000", &to->value, err);
  if (mst_parse_real(where, equals + 1, -HUGE_VAL, HUGE_VAL, "2.5", &to->real, err))
    return err->status;
  to->whole = fabs(to->real) < 0x1p53 && to->real == floor(to->real);
  if (to->whole) to->value = (int64_t)to->real;
  return MASTING_OK;
}

static masting_status add(mst_opts *opts, const char *option, const mst_opt_list *list, bool data,
                          mst_size_value *all, int *count, mst_error *err) {
  for (int i = 0; i < list->count; i++) {
    mst_size_value value = {.data = data};
    if (one_value(opts, option, list->item[i], &value, err) != MASTING_OK) return err->status;
    int at = 0;
    while (at < *count && strcmp(all[at].name, value.name) != 0) at++;
    all[at] = value;
    if (at == *count) (*count)++;
  }
  return MASTING_OK;
}

masting_status mst_job_sizes(mst_opts *opts, const mst_opt_list *list, const mst_opt_list *data,
                             mst_size_value **sizes, int *count, mst_error *err) {
  static const mst_opt_list none;
  if (!data) data = &none;
  *count = 0;
  *sizes = calloc((size_t)(list->count + data->count) + 1, sizeof **sizes);
  if (!*sizes) return mst_fail(err, MASTING_ERR_MEMORY, "--size: no memory left");
  if (add(opts, "--size", list, false, *sizes, count, err) == MASTING_OK)
    add(opts, "--data", data, true, *sizes, count, err);
  return err->status;
}

masting_status mst_job_lanes(int lanes, mst_error *err) {
  if (err->status == MASTING_OK && (lanes & (lanes - 1)) != 0)
    mst_fail(err, MASTING_ERR_USAGE, "--lanes: expected 1, 2, 4, 8 or 16, got '%d'", lanes);
  return err->status;
}
