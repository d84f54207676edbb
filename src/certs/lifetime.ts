const hour = 3_600_000;
const day = 24 * hour;

/** How long certificates live, in milliseconds. A leaf fits into the third of its authority's life that is left at renewal. */
export const authorityLifetime = 365 * day;
export const servingLifetime = 90 * day;

/** Clocks of other machines may run behind ours: a certificate is valid from an hour before it was made. */
export const backdating = hour;

/**
 * For how long a new authority is only trusted before it signs: until then its certificate has reached the caBundle of
 * the webhook configurations, whichever replica made it, and every API server has seen that.
 */
export const trustBeforeUse = hour;
