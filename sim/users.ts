/** What a simulated user is besides a place on the routing circle. Pure functions of its number: no random stream to keep in step. */
import { mix32 } from '../split.ts';
import type { Clustering } from '../telemetry/clusters.ts';

/** Keep clusters and inclinations apart from other uses of the user's number. */
const CLUSTER_SALT = 0x2c1b3c6d;
const INCLINATION_SALT = 0x297a2d39;

const CLUSTERS = 1000;

/** About a thousand clusters per arm, whichever users an arm has: their routing has nothing to do with their cluster. */
export const USER_CLUSTERS: Clustering = {
  clusters: CLUSTERS,
  clusterOf: (user) => mix32(user ^ CLUSTER_SALT) % CLUSTERS,
};

/** How much likelier than others this user is to be positive: uniform in 1 ± `spread` over the users, the same in every arm and at any time. */
export const inclination = (user: number, spread: number): number =>
  1 + spread * (mix32(user ^ INCLINATION_SALT) / 2 ** 31 - 1);
