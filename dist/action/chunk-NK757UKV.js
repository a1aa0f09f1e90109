import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);
var shared=new WeakMap;function shareAutomaton(rules,one){shared.set(rules,one)}function sharedAutomaton(rules){return shared.get(rules)}export{shareAutomaton,sharedAutomaton};
