/* cli/sizes.c -- `--size NAME=VALUE`, and the sizes that a batch of chains has. See job.h. */
#include <stdlib.h>
#include <string.h>

#include "cli/job.h"
#include "cli/number.h"

static masting_status one_size(mst_opts *opts, const char *item, mst_size_value *size,
                               mst_error *err) {
  const char *equals = strchr(item, '=');
  if (!equals || equals == item)
    return mst_fail(err, MASTING_ERR_USAGE,
                    "--size %s: no `=`; expected NAME=VALUE; try --size N=5000", item);
  char where[128], name[64];
  snprintf(name, sizeof name, "%.*s", (int)(equals - item), item);
  snprintf(where, sizeof where, "--size %s", name);
  size->name = mst_opts_keep(opts, name);
  if (!size->name) return mst_fail(err, MASTING_ERR_MEMORY, "%s: no memory left", where);
  return mst_parse_whole(where, equals + 1, 0, 0x1p53, "5000", &size->value, err);
}

masting_status mst_job_sizes(mst_opts *opts, const mst_opt_list *list, mst_size_value **sizes,
                             int *count, mst_error *err) {
  *count = 0;
  *sizes = calloc((size_t)list->count + 1, sizeof **sizes);
  if (!*sizes) return mst_fail(err, MASTING_ERR_MEMORY, "--size: no memory left");
  for (int i = 0; i < list->count; i++) {
    mst_size_value size = {0};
    if (one_size(opts, list->item[i], &size, err) != MASTING_OK) return err->status;
    int at = 0;
    while (at < *count && strcmp((*sizes)[at].name, size.name) != 0) at++;
    (*sizes)[at] = size;
    if (at == *count) (*count)++;
  }
  return MASTING_OK;
}

masting_status mst_job_lanes(int lanes, mst_error *err) {
  if (err->status == MASTING_OK && (lanes & (lanes - 1)) != 0)
    mst_fail(err, MASTING_ERR_USAGE, "--lanes: expected 1, 2, 4, 8 or 16, got '%d'", lanes);
  return err->status;
}
