/** File names that many pictures have: the folder tells which one it is. */
const leastTelling = 12;

/** Sizes and crops as servers write them into a path: "800x600", "w_640,h_480", "fit-in", "c_fill". */
const sizeFolder =
  /^(?:\d{2,4}x\d{0,4}|x\d{2,4}|\d{2,4}w|(?:[a-z]{1,2}_[\w.:-]{1,20})(?:,[a-z]{1,2}_[\w.:-]{1,20}){0,9}|w-?\d{2,4}|h-?\d{2,4}|fit-in|smart|resize|thumb|thumbs|thumbnails?|small|medium|large|xlarge|crop|scaled)$/i;
/** The same at the end of a file's name: "harbour-300x200", "harbour_w640", "harbour@2x", "harbour-scaled". */
const sizeEnding =
  /(?:[-_.]\d{2,4}x\d{2,4}|[-_.](?:[wh]\d{2,4}|\d{2,4}[wh])|[-_](?:320|480|640|768|800|1024|1200|1280|1600|1920)|@[23]x|[-_](?:scaled|thumb|small|medium|large|xl))$/i;
const pictureEnding = /(?:\.(?:jpe?g|png|webp|avif|gif|jfif)){1,2}$/i;
/** Parameters that choose size, quality, format, permission or age of a copy. */
const dressParameter =
  /^(?:w|h|width|height|size|q|quality|fit|crop|rect|fm|format|auto|dpr|resize|mode|scale|strip|sig|signature|s|token|expires?|exp|hash|v|ver|version|t|ts|time|cb|ssl|type|x-amz-[\w-]+|key-pair-id|policy|itok|imwidth|impolicy|disable|op|ixlib)$/i;

/**
 * What a picture's address says of the picture: the same for its other sizes, formats, signatures, copies at a CDN and in a
 * resizing server's wrapper. "" for none.
 */
export function pictureKey(address: string): string {
  if (address === "") return "";
  const url = URL.parse(innermost(address.slice(0, 4096)));
  if (!url) return address;
  const folders = url.pathname.split("/").filter((folder) => folder !== "" && !sizeFolder.test(folder));
  const file = folders.pop() ?? "";
  if (!pictureEnding.test(file)) {
    // A program makes it: its parameters say which.
    const kept = [...url.searchParams]
      .filter(([name]) => !dressParameter.test(name))
      .map(([name, value]) => `${name}=${value}`);
    return `${[...folders, file].join("/")}?${kept.sort().join("&")}`;
  }
  const name = file.replace(pictureEnding, "").replace(sizeEnding, "").toLowerCase();
  if (name.length >= leastTelling) return name;
  return [...folders.slice(-2), name].join("/");
}

/** The address within a resizing server's own: in a parameter, or as the end of the path. */
function innermost(address: string): string {
  const parameter = /[?&](?:url|src|image|img|u)=((?:https?(?::|%3A)|%2F|\/)[^&#]*)/i.exec(address)?.[1];
  if (parameter) {
    try {
      return new URL(decodeURIComponent(parameter), address).href;
    } catch {
      return address;
    }
  }
  const at = Math.max(address.lastIndexOf("https://"), address.lastIndexOf("http://"), address.lastIndexOf("https:/"));
  return at > 0 ? address.slice(at) : address;
}
