import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);
import{inspect}from"node:util";var Secret=class{#text;constructor(text){this.#text=text}reveal(){return this.#text}toString(){return"[secret]"}toJSON(){return this.toString()}[inspect.custom](){return this.toString()}};export{Secret};
