/* cli/directions_view.h -- a spectrum (optim/directions.h) in the JSON of a command. */
#ifndef MST_CLI_DIRECTIONS_VIEW_H
#define MST_CLI_DIRECTIONS_VIEW_H

#include <jansson.h>

#include "optim/directions.h"

/* {"condition", "condition_scaled", "flat", "sd": [least, largest], "stiffest": [...], "slackest":
 * [...]}, a direction as {"sd", "components": {name: component}} with its largest components;
 * numbers that are not finite are null. A new reference. Not collective. */
json_t *mst_directions_json(const mst_directions *directions, const mst_layout *layout);

#endif
