/* model/gallery.c -- see model.h: the built-in models at the SIMD level of the run. */
#include "config.h"

#include "model/gallery/gallery.h"

#include <string.h>

#include "base/isa.h"
#include "model/gallery/tables.h"
#include "model/model.h"

typedef const masting_model *const *table;

#define TABLES(isa)                                                                                \
  {                                                                                                \
    MST_GALLERY_TABLE(isa, 1), MST_GALLERY_TABLE(isa, 2), MST_GALLERY_TABLE(isa, 4),               \
        MST_GALLERY_TABLE(isa, 8), MST_GALLERY_TABLE(isa, 16)                                      \
  }

static const table tables[MST_ISA_COUNT][5] = {
    [MST_ISA_BASE] = TABLES(base),
#ifdef MASTING_HAVE_ISA_VARIANTS
    [MST_ISA_V3] = TABLES(v3),
    [MST_ISA_V4] = TABLES(v4),
#endif
};

const masting_model *mst_gallery_at(int i) {
  for (int k = 0; k < i; k++)
    if (!tables[MST_ISA_BASE][0][k]) return NULL;
  return i < 0 ? NULL : tables[MST_ISA_BASE][0][i];
}

bool mst_gallery_find(mst_model_set *set, const char *name, int isa) {
  MST_ASSERT(isa >= 0 && isa < MST_ISA_COUNT && tables[isa][0]);
  for (int i = 0; mst_gallery_at(i); i++) {
    if (strcmp(name, mst_gallery_at(i)->name)) continue;
    *set = (mst_model_set){.name = mst_gallery_at(i)->name, .isa = mst_isa_name((mst_isa)isa)};
    for (int w = 0; w < 5; w++) set->width[w] = tables[isa][w][i];
    return true;
  }
  return false;
}
