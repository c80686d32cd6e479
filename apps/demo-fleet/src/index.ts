/** Starts the fleet in this process: control server, one HTTP server per instance, a tick each second. */
export { type Fleet, type FleetOptions, startFleet } from './fleet.ts';
