/* tests/unit/open_model.c -- opens a model as `masting` does; for test_open_model.sh.
 *
 *   open_model MODEL   prints "NAME: ISA; widths 1 2 8; layout" and exits 0, or the error and
 *   its status.
 * The layout is made with all sizes 3: "3 globals, 1 local".
 */
#include <stdio.h>

#include "base/isa.h"
#include "model/model.h"

static int stop(const mst_error *err) {
  mst_error_print(err);
  return masting_exit_status(err->status);
}

int main(int argc, char **argv) {
  mst_model_set set;
  mst_error err = {0};
  if (argc != 2) return 2;
  if (mst_model_open(&set, argv[1], (int)mst_isa_here(), &err)) return stop(&err);
  printf("%s: %s; widths", set.name, set.isa);
  const masting_model *any = NULL;
  for (int w = 0; w < 5; w++)
    if (set.width[w]) {
      printf(" %d", 1 << w);
      any = set.width[w];
    }
  int64_t size[MST_MAX_SIZES];
  for (int i = 0; i < MST_MAX_SIZES; i++) size[i] = 3;
  mst_layout layout;
  if (mst_layout_make(&layout, any, size, &err)) {
    mst_model_close(&set);
    return stop(&err);
  }
  printf("; %lld globals, %lld locals\n", (long long)layout.globals, (long long)layout.locals);
  mst_model_close(&set);
  return 0;
}
