/* model/names.c -- names of single elements of parameters. See model.h. */
#include <stdio.h>
#include <string.h>

#include "model/model.h"

/* A scalar of a Stan program is an array of one hidden parameter, beside a derived quantity of the
 * same name that has no dimensions: it is called by that name alone. */
static bool is_scalar(const masting_model *m, const masting_param *param) {
  for (int i = 0; param->hidden && i < m->nderived; i++)
    if (strcmp(m->derived[i].name, param->name) == 0) return m->derived[i].ndims == 0;
  return param->ndims == 0;
}

/* "beta[2,7]" */
static void write_name(const masting_model *m, const masting_param *param, const int64_t *index,
                       char *name, size_t size) {
  int used = snprintf(name, size, "%s", param->name);
  if (is_scalar(m, param)) return;
  for (int d = 0; d < param->ndims && used < (int)size; d++)
    used += snprintf(name + used, size - (size_t)used, "%s%lld%s", d ? "," : "[",
                     (long long)index[d] + 1, d + 1 == param->ndims ? "]" : "");
}

/* Element of one parameter, in its own order. */
static void name_within(const mst_layout *layout, int p, int64_t element, char *name, size_t size) {
  const masting_param *param = &layout->model->params[p];
  const mst_param_layout *q = &layout->param[p];
  int64_t index[MASTING_MAX_DIMS] = {0};
  for (int s = 0; s < param->ndims; s++) {
    int d = param->column_major ? s : param->ndims - 1 - s;
    index[d] = element % q->dims[d];
    element /= q->dims[d];
  }
  write_name(layout->model, param, index, name, size);
}

void mst_element_name(const mst_layout *layout, int64_t i, char *name, size_t size) {
  for (int p = 0; p < layout->model->nparams; p++) {
    const mst_param_layout *q = &layout->param[p];
    const int64_t count = q->local ? q->elements * layout->n : q->elements;
    if (i < count) {
      name_within(layout, p, i, name, size);
      return;
    }
    i -= count;
  }
  snprintf(name, size, "?");
}

void mst_global_name(const mst_layout *layout, int64_t i, char *name, size_t size) {
  for (int p = 0; p < layout->model->nparams; p++) {
    const mst_param_layout *q = &layout->param[p];
    if (q->local || i < q->offset || i >= q->offset + q->elements) continue;
    name_within(layout, p, i - q->offset, name, size);
    return;
  }
  snprintf(name, size, "?");
}

void mst_local_name(const mst_layout *layout, int64_t row, int64_t element, char *name,
                    size_t size) {
  for (int p = 0; p < layout->model->nparams; p++) {
    const mst_param_layout *q = &layout->param[p];
    const masting_param *param = &layout->model->params[p];
    int64_t index[MASTING_MAX_DIMS] = {0}, left = element - q->offset;
    if (!q->local || left < 0 || left >= q->elements) continue;
    for (int d = param->ndims - 1; d >= 0; d--) {
      index[d] = d == q->shard_dim ? row : left % q->dims[d];
      if (d != q->shard_dim) left /= q->dims[d];
    }
    write_name(layout->model, param, index, name, size);
    return;
  }
  snprintf(name, size, "?");
}
