import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);
import{packScanner}from"./chunk-Q2H4EBDV.js";import"./chunk-NK757UKV.js";import"./chunk-ZI3Q4XZ2.js";import"./chunk-NOO5LAJV.js";import"./chunk-M5DH53TJ.js";import"./chunk-B6IF73JC.js";import"./chunk-F3YCJTU2.js";import"./chunk-RWJXQD25.js";import"./chunk-CUVYZ35J.js";export{packScanner};
