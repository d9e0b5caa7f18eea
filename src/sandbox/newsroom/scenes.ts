import * as sea from "./sea-scenes.ts";
import * as town from "./town-scenes.ts";

const scenes = { ...sea, ...town };

export type Scene = keyof typeof scenes;

export const isScene = (name: string): name is Scene => Object.hasOwn(scenes, name);

const drawn = new Map<Scene, Buffer<ArrayBuffer>>();

/** A scene as PNG, drawn when it is first asked for. */
export function pictureOf(scene: Scene): Buffer<ArrayBuffer> {
  const picture = drawn.get(scene) ?? scenes[scene]().png();
  drawn.set(scene, picture);
  return picture;
}
