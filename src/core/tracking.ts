/**
 * Marks that senders add to a link to see where its readers came from, and that are nothing else on any site: a link that
 * readers are given does without them. `linkKey` leaves out more, since it is no link.
 */
const marks = new Set(
  (
    "fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid twclid ttclid igshid mc_cid mc_eid _hsenc _hsmi mkt_tok at_medium at_campaign " +
    "xtor vero_id ns_campaign ns_mchannel ns_source __twitter_impression cmpid ito"
  ).split(" "),
);
const families = /^(?:utm|oly)_\w/;

/** True for the name of a parameter that is such a mark. */
export function isTrackingMark(name: string): boolean {
  const low = name.toLowerCase();
  return marks.has(low) || families.test(low);
}
