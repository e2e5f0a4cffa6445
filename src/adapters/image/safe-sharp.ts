import sharp from 'sharp';

/** Formats that are let in, by the loaders that read them. */
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif'];

// For the whole process: nobody here reads anything else. Each image is read once, so there is nothing to cache, and
// images are read side by side, so one of them needs no threads of its own.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: LOADERS.map((loader) => `VipsForeignLoad${loader}`) });
sharp.cache(false);
sharp.concurrency(1);

/** sharp, once it lets in what is allowed and nothing else. */
export { sharp };
