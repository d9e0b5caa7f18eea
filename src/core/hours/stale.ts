/**
 * Plans are made anew within seconds of their end. One that ran out longer ago, in milliseconds, and longer than the clocks
 * of machines differ, was made by a Crier that slept: until it is made anew nobody knows whether it is quiet.
 */
export const stalePlanMs = 60_000;
